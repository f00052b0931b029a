/**
 * Owns getting a real VS Code for the tests: code-server, which is VS Code's own workbench and extension host in a
 * browser, and the Node that it wants. Both come from npm, are built once, and are kept outside the clone.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runTool } from "../../support/runTool.ts";
import { cachedFolder } from "../../support/testCache.ts";

const CODE_SERVER = "4.139.1";
/** code-server refuses any other major. The npm package holds the binary and its headers. */
const NODE = "24.21.0";

export interface VsCodeInstallation {
  /** The Node to run it with. */
  readonly node: string;
  /** code-server's entry script. */
  readonly script: string;
}

/** The installation, made first where it is not there yet. */
export async function installVsCode(): Promise<VsCodeInstallation> {
  const name = `code-server-${CODE_SERVER}-node-${NODE}`;
  const folder = await cachedFolder(name, "a VS Code for the tests (about three minutes, 700 MB)", build);
  return {
    node: join(folder, "node/package/bin/node"),
    script: join(folder, "server/node_modules/code-server/out/node/entry.js"),
  };
}

async function build(folder: string): Promise<void> {
  const nodeFolder = join(folder, "node");
  await mkdir(nodeFolder);
  await runTool("npm", ["pack", `node-linux-${process.arch}@${NODE}`, "--silent"], nodeFolder);
  const [archive] = (await readdir(nodeFolder)).filter((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new Error(`npm packed no Node ${NODE}`);
  await runTool("tar", ["-xzf", archive], nodeFolder);
  await rm(join(nodeFolder, archive));

  const server = join(folder, "server");
  await mkdir(server);
  await writeFile(join(server, "package.json"), JSON.stringify({ name: "vscode-for-tests", private: true }));
  // npm 11 runs no install scripts unless told so, and code-server's build its native parts; npm 10 ignores the option.
  const options = ["--no-audit", "--no-fund", "--loglevel=error", "--dangerously-allow-all-scripts"];
  const node = join(nodeFolder, "package");
  await runTool("npm", ["install", `code-server@${CODE_SERVER}`, ...options], server, {
    PATH: `${join(node, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    npm_config_nodedir: node,
  });
}
