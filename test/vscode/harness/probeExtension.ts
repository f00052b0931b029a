/** Owns an extension of one view, one command and nothing else: what the harness is tried on, and what ours is timed beside. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const VSCE = resolve(import.meta.dirname, "../../../node_modules/@vscode/vsce/vsce");

/** Lines that its command writes into its output channel. */
export const PROBE_LINES = 5000;

const MANIFEST = {
  name: "probe",
  displayName: "Probe",
  publisher: "televibe-test",
  version: "1.0.0",
  engines: { vscode: "^1.101.0" },
  main: "./extension.js",
  activationEvents: ["onStartupFinished"],
  contributes: {
    commands: [{ command: "probe.ask", title: "Ask", category: "Probe" }],
    viewsContainers: { activitybar: [{ id: "probe", title: "Probe", icon: "icon.svg" }] },
    views: { probe: [{ id: "probe.things", name: "Things" }] },
  },
};

const ASKING = `
const vscode = require("vscode");
exports.activate = (context) => {
  const things = ["first", "second"].map((label) => ({ label }));
  const provider = { getChildren: () => things, getTreeItem: ({ label }) => ({ label, description: "thing" }) };
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider("probe.things", provider),
    vscode.commands.registerCommand("probe.ask", async () => {
      const channel = vscode.window.createOutputChannel("Probe");
      for (let line = 0; line < ${PROBE_LINES}; line += 1) channel.appendLine("line " + line);
      const answer = await vscode.window.showInformationMessage("Shall it?", "Yes", "No");
      channel.appendLine("answered " + answer);
    }),
  );
};
`;

/** For comparison: activates at the same moment and does nothing. */
const IDLE = "exports.activate = () => {};";

/** Makes the VSIX in a folder and answers its path. */
export async function packageProbe(folder: string, kind: "asking" | "idle"): Promise<string> {
  const root = join(folder, `probe-${kind}`);
  await mkdir(root, { recursive: true });
  const { contributes, ...bare } = MANIFEST;
  const manifest = kind === "asking" ? { ...bare, contributes } : { ...bare, name: "idle", displayName: "Idle" };
  await writeFile(join(root, "package.json"), JSON.stringify(manifest));
  await writeFile(join(root, "extension.js"), kind === "asking" ? ASKING : IDLE);
  await writeFile(
    join(root, "icon.svg"),
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6"/></svg>',
  );
  const file = join(root, `probe-${kind}.vsix`);
  const args = ["package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", file];
  await promisify(execFile)(process.execPath, [VSCE, ...args], { cwd: root });
  return file;
}
