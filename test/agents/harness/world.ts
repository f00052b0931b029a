/**
 * Owns the world that a test with a real agent plays in: a fresh home with Televibe's hooks installed, a git repository, a
 * bridge, and the agent, shut in with a scripted model.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { findBridge } from "../../../shared/client/findBridge.ts";
import { createRepository } from "../../bridge/git/repository.ts";
import {
  type CommandResult,
  startBridgeProcess,
  televibe,
  temporaryFolder,
  testEnvironment,
} from "../../support/bridgeProcess.ts";
import { eventually } from "../../support/eventually.ts";
import { TEST_CACHE } from "../../support/testCache.ts";
import { UndoStack } from "../../support/undoStack.ts";
import type { Script } from "../modelServer/conversation.ts";
import { type ModelServer, startModelServer } from "../modelServer/modelServer.ts";
import { installAgents } from "./agentBinaries.ts";
import { networkNamespace } from "./networkNamespace.ts";
import { endProcess, endProcesses, type FoundProcess, processesWith } from "./processes.ts";
import { Terminal } from "./terminal.ts";
import type { TestedAgent } from "./testedAgent.ts";

const DELIVERY_MS = 20_000;

export interface World extends AsyncDisposable {
  /** The repository that the agent works in. `cart.js` in it says `export const total = 0;`. */
  readonly project: string;
  readonly dataDir: string;
  readonly model: ModelServer;
  /** Of the bridge that runs now. */
  readonly client: BridgeClient;
  /** Has the agent answer one prompt; resolves when it has ended. */
  run(prompt: string): Promise<CommandResult>;
  /** Has the agent begin with a prompt in a terminal. */
  openTerminal(prompt: string): Promise<Terminal>;
  /** `kill -9` of the agent, but not of the hooks that it runs, nor of their shells. */
  killAgent(): Promise<void>;
  /** `kill -9`. */
  killBridge(): Promise<void>;
  /** Starts another one where the first was. */
  startBridge(): Promise<void>;
  /** Waits for the one that a hook has started, since none was there. */
  awaitBridge(): Promise<void>;
  /** Those of this world that run, the bridge excepted: their command lines. */
  processes(): Promise<readonly string[]>;
}

/** @param script made once it is known where the agent works. */
export async function openWorld(agent: TestedAgent, script: (project: string) => Script): Promise<World> {
  const binaries = await installAgents();
  const undo = new UndoStack();
  try {
    return await openWith(undo, agent, script, binaries);
  } catch (error) {
    await undo[Symbol.asyncDispose]();
    throw error;
  }
}

async function openWith(
  undo: UndoStack,
  agent: TestedAgent,
  script: (project: string) => Script,
  binaries: string,
): Promise<World> {
  const home = await homeFolder(undo);
  const project = join(home, "shop");
  await createProject(project);
  // Sockets have to have short paths.
  const { path: folder } = undo.use(await temporaryFolder());
  const dataDir = join(folder, "data");

  const env = testEnvironment({
    HOME: home,
    PATH: [binaries, process.env["PATH"]].join(delimiter),
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    TELEVIBE_DATA_DIR: dataDir,
    ...agent.env,
  });
  const ours = `TELEVIBE_DATA_DIR=${dataDir}`;
  undo.defer(() => endProcesses(ours));

  const model = await startModelServer({
    dialect: agent.dialect,
    script: script(project),
    socketPath: join(folder, "model"),
  });
  undo.use(model);
  const shutIn = networkNamespace(folder, model.socketPath);
  await agent.prepareHome(home, project);
  const installed = await televibe(["hooks", "install", agent.name], { dataDir, env: { HOME: home } });
  if (installed.code !== 0) throw new Error(`The hooks were not installed: ${installed.stderr}`);
  await makePatient(join(home, agent.hooksFile));

  let bridge = await startBridgeProcess({ dataDir });
  let { entry } = bridge;
  return {
    project,
    dataDir,
    model,
    get client() {
      return new BridgeClient(entry);
    },
    run: (prompt) => run(shutIn([agent.name, ...agent.headless(prompt)]), project, env),
    openTerminal: (prompt) =>
      Terminal.open({ command: shutIn([agent.name, ...agent.interactive(prompt)]), cwd: project, env, folder }),
    killAgent: async () => {
      const isAgent = ({ pid, command }: FoundProcess) => pid !== entry.pid && !/ hook |^tmux /.test(command);
      for (const { pid } of (await processesWith(ours)).filter(isAgent)) endProcess(pid);
    },
    killBridge: () => bridge.kill(),
    startBridge: async () => {
      bridge = await startBridgeProcess({ dataDir });
      entry = bridge.entry;
    },
    awaitBridge: async () => {
      entry = await eventually("a bridge", () => findBridge(dataDir));
    },
    processes: async () =>
      (await processesWith(ours)).filter(({ pid }) => pid !== entry.pid).map(({ command }) => command),
    [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose](),
  };
}

/** Not below the system's temporary folder: Codex warns of a home that is there. */
async function homeFolder(undo: UndoStack): Promise<string> {
  const homes = join(TEST_CACHE, "homes");
  await mkdir(homes, { recursive: true });
  const home = await realpath(await mkdtemp(join(homes, "home-")));
  undo.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  return home;
}

/**
 * A hook that asks gives up a bridge that is silent for a tenth of a second, and its agent asks by itself. Two agents that
 * start at once can keep a small machine busy for longer, and what is tested here is who is asked, not how soon.
 */
async function makePatient(hooksFile: string): Promise<void> {
  const installed = await readFile(hooksFile, "utf8");
  const patient = installed.replaceAll(" --wait ", ` --delivery-ms ${DELIVERY_MS} --wait `);
  if (patient === installed) throw new Error(`No hook in ${hooksFile} waits for an answer`);
  await writeFile(hooksFile, patient);
}

async function createProject(path: string): Promise<void> {
  const repository = await createRepository(path);
  await repository.write("cart.js", "export const total = 0;\n");
  await repository.commit("A cart");
}

async function run(
  [command = "", ...args]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  await once(child, "close");
  return {
    code: child.exitCode,
    signal: child.signalCode,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString(),
  };
}
