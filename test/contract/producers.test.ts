/** docs/producers.md as its reader meets it: each recipe is run as it stands, against a real bridge, and does what it says. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import { startBridgeProcess, televibe, temporaryFolder, testEnvironment } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** The first block of code below a heading of docs/producers.md. */
async function recipe(heading: string): Promise<string> {
  const text = await readFile(join(root, "docs/producers.md"), "utf8");
  const chapter = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const code = /```\w+\n(.*?)```/s.exec(chapter)?.[1];
  if (code === undefined) throw new Error(`docs/producers.md has no code below "${heading}"`);
  return code;
}

/** Puts a recipe into a file that its interpreter runs; answers the command line. */
type Prepare = (code: string, folder: string) => Promise<readonly [command: string, ...args: string[]]>;

const asScript =
  (interpreter: string): Prepare =>
  async (code, folder) => {
    await writeFile(join(folder, "recipe"), code);
    return [interpreter, join(folder, "recipe")];
  };

/** As somebody with the package: installed from what npm would publish, checked by TypeScript, and run. */
const withPackage: Prepare = async (code, folder) => {
  const inFolder = { cwd: folder };
  await run("npm", ["pack", root, "--ignore-scripts", "--pack-destination", folder], inFolder);
  await writeFile(join(folder, "package.json"), '{"name": "release", "private": true}');
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const install = ["install", "--offline", "--no-audit", "--no-fund", join(folder, `televibe-${version}.tgz`)];
  await run("npm", install, inFolder);
  await writeFile(join(folder, "release.mts"), code);
  const settings = {
    compilerOptions: {
      target: "es2022",
      lib: ["ES2023", "ESNext.Disposable"],
      module: "nodenext",
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: ["release.mts"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--project", folder], inFolder);
  const compiled = await transform(code, { loader: "ts", format: "esm", target: "node20.19" });
  await writeFile(join(folder, "release.mjs"), compiled.code);
  return [process.execPath, join(folder, "release.mjs")];
};

const RECIPES: readonly { readonly heading: string; readonly prepare: Prepare }[] = [
  { heading: "curl", prepare: asScript("sh") },
  { heading: "Python", prepare: asScript("python3") },
  { heading: "TypeScript", prepare: withPackage },
];

describe.each(RECIPES)("the recipe for $heading", ({ heading, prepare }) => {
  it.each([
    { decision: "approve", state: "completed", says: "Released 1.4" },
    { decision: "deny", state: "failed", says: /not approved/ },
  ] as const)("tells of its job, asks, and goes on by the answer: $decision", async ({ decision, state, says }) => {
    await using folder = await temporaryFolder();
    await using data = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: data.path });
    const [command, ...args] = await prepare(await recipe(heading), folder.path);
    const env = testEnvironment({ TELEVIBE_DATA_DIR: data.path, http_proxy: "http://127.0.0.1:1" });
    const running = run(command, args, { env, cwd: folder.path }).then(
      () => "went well",
      (error: { stderr?: string }) => `failed: ${error.stderr}`,
    );
    const client = new BridgeClient(bridge.entry);
    const approval = await eventually("the question", async () => (await client.approvals({ state: "pending" }))[0]);
    expect(approval).toMatchObject({
      project_id: "shop",
      session_id: "main",
      scope: "deploy",
      action: "npm publish",
      reason: "All tests passed",
      context: { command: "npm publish" },
    });
    await client.decide(approval.approval_id, { decision });
    const outcome = await running;
    expect(outcome).not.toMatch(/Warning/);
    if (decision === "approve") expect(outcome).toBe("went well");

    const { jobs } = (await client.state()).state;
    expect(jobs).toHaveLength(1);
    const [job] = jobs;
    expect(job).toMatchObject({ job_id: approval.job_id, instruction: "Release 1.4", state });
    expect(job?.tool_calls).toMatchObject([{ tool: "Bash", summary: "npm test", state: "succeeded" }]);
    expect(job?.summary ?? job?.error).toMatch(says);
    expect((await client.logPage(approval.job_id, { lines: 10 })).lines).toEqual(["12 tests passed"]);
  });
});

describe("the recipe for CloudEvents", () => {
  it("is taken at the same door", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const [command, ...args] = await asScript("sh")(await recipe("CloudEvents"), folder.path);
    const { stdout } = await run(command, args, { env: testEnvironment({ TELEVIBE_DATA_DIR: folder.path }) });
    expect(JSON.parse(stdout).results).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    const { jobs } = (await new BridgeClient(bridge.entry).state()).state;
    expect(jobs).toMatchObject([{ job_id: "ci-42", session_id: "ci", instruction: "Build 42", state: "completed" }]);
  });
});

describe("the client of the package", () => {
  it("starts a bridge where none runs", async () => {
    await using folder = await temporaryFolder();
    const program = `
      const { connect } = require(${JSON.stringify(join(root, "dist/producer.js"))});
      (async () => {
        const televibe = await connect({ component: "test" });
        const job = televibe.startJob({ project: "shop", instruction: "Build" });
        await job.complete({ summary: "Built" });
        await televibe.close();
      })();`;
    try {
      await run(process.execPath, ["-e", program], { env: testEnvironment({ TELEVIBE_DATA_DIR: folder.path }) });
      const entry = await findBridge(folder.path);
      expect(entry).toBeDefined();
      if (entry === undefined) return;
      const { jobs } = (await new BridgeClient(entry).state()).state;
      expect(jobs).toMatchObject([{ instruction: "Build", state: "completed", summary: "Built" }]);
    } finally {
      await televibe(["stop"], { dataDir: folder.path });
    }
  });
});
