/** Owns an extension with one of each thing that the harness reads or clicks, and one that does nothing: what the harness is tried on, and what ours is timed beside. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const VSCE = resolve(import.meta.dirname, "../../../node_modules/@vscode/vsce/vsce");

/** Lines that its command writes into its output channel. */
export const PROBE_LINES = 5000;
/** How long the slow probe takes in each part of its activation, at least. */
export const PROBE_SLOWNESS_MS = 40;

const MANIFEST = {
  name: "probe",
  displayName: "Probe",
  publisher: "televibe-test",
  version: "1.0.0",
  engines: { vscode: "^1.101.0" },
  main: "./extension.js",
  activationEvents: ["onStartupFinished"],
  contributes: {
    commands: [
      { command: "probe.ask", title: "Ask", category: "Probe" },
      { command: "probe.startOver", title: "Start Over", category: "Probe" },
      { command: "probe.poke", title: "Poke", icon: "$(zap)" },
    ],
    menus: { "view/item/context": [{ command: "probe.poke", when: "view == probe.things", group: "inline" }] },
    viewsContainers: { activitybar: [{ id: "probe", title: "Probe", icon: "icon.svg" }] },
    views: { probe: [{ id: "probe.things", name: "Things" }] },
  },
};

const ASKING = `
const vscode = require("vscode");
exports.activate = (context) => {
  const things = ["first", "second"].map((label) => ({ label }));
  const treeDataProvider = { getChildren: (thing) => (thing ? [] : things), getTreeItem };
  const view = vscode.window.createTreeView("probe.things", { treeDataProvider });
  view.badge = { value: 2, tooltip: "two things" };
  const item = vscode.window.createStatusBarItem("probe.status");
  item.text = "Probe stands by";
  item.show();
  let channel;
  context.subscriptions.push(
    view,
    item,
    vscode.commands.registerCommand("probe.ask", async () => {
      channel ??= vscode.window.createOutputChannel("Probe");
      for (let line = 0; line < ${PROBE_LINES}; line += 1) channel.appendLine("line " + line);
      const answer = await vscode.window.showInformationMessage("Shall it?", "Yes", "No");
      channel.appendLine("answered " + answer);
    }),
    vscode.commands.registerCommand("probe.startOver", () => {
      channel.clear();
      channel.appendLine("fresh");
    }),
    vscode.commands.registerCommand("probe.poke", ({ label }) => vscode.window.showInformationMessage("Poked " + label)),
  );
};
function getTreeItem({ label }) {
  return { label, description: "thing", accessibilityInformation: { label: label + ", a thing" } };
}
`;

/** For comparison: activates at the same moment and does nothing. */
const IDLE = "exports.activate = () => {};";

/** Takes its time in each of the parts that VS Code measures. */
const SLOW = `
const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${PROBE_SLOWNESS_MS + 2});
block();
exports.activate = () => {
  block();
  return new Promise((resolve) => setTimeout(resolve, ${PROBE_SLOWNESS_MS + 2}));
};
`;

const SOURCES = { asking: ASKING, idle: IDLE, slow: SLOW };

/** Makes the VSIX in a folder and answers its path. Its id is `televibe-test.` and `probe` (asking), `idle` or `slow`. */
export async function packageProbe(folder: string, kind: keyof typeof SOURCES): Promise<string> {
  const root = join(folder, `probe-${kind}`);
  await mkdir(root, { recursive: true });
  const { contributes, ...bare } = MANIFEST;
  const manifest = kind === "asking" ? { ...bare, contributes } : { ...bare, name: kind, displayName: kind };
  await writeFile(join(root, "package.json"), JSON.stringify(manifest));
  await writeFile(join(root, "extension.js"), SOURCES[kind]);
  await writeFile(
    join(root, "icon.svg"),
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6"/></svg>',
  );
  const file = join(root, `probe-${kind}.vsix`);
  const args = ["package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", file];
  await promisify(execFile)(process.execPath, [VSCE, ...args], { cwd: root });
  return file;
}
