/**
 * Owns the world that an end-to-end test plays in: a git repository with a worktree, a data directory, a VS Code with the
 * packaged extension, and, where asked for, a bridge with a fake Telegram beside it.
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { type CodeServer, startCodeServer } from "./codeServer.ts";
import { launchBrowser, Workbench } from "./workbench.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
/** Where screenshots and figures of a run are left. */
export const RESULTS = join(ROOT, ".cache/test-results");

export interface World extends AsyncDisposable {
  readonly root: string;
  readonly dataDir: string;
  /** The main worktree: project `shop`, session `main`. */
  readonly repository: string;
  /** Another worktree of it, on the branch `feature`. */
  readonly worktree: string;
  readonly server: CodeServer;
  /** Opens a window on a folder. */
  openWindow(folder?: string): Promise<Workbench>;
}

/** The extension as users get it. */
export async function packagedExtension(): Promise<string> {
  const packages = (await readdir(ROOT)).filter((name) => /^televibe-.*\.vsix$/.test(name));
  const [only] = packages;
  if (only === undefined || packages.length > 1) {
    throw new Error(`There must be one televibe-*.vsix, made by \`npm run package\`; there are ${packages.length}`);
  }
  return join(ROOT, only);
}

export interface WorldOptions {
  readonly extensions?: (folder: string) => Promise<readonly string[]>;
  /** Somebody else's; one of its own when absent. */
  readonly dataDir?: string;
  /** Besides those that keep a workbench quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Makes the world; what is not needed by a test starts with the first window. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await temporaryFolder();
  const root = folder.path;
  const dataDir = options.dataDir ?? join(root, "data");
  const repository = join(root, "shop");
  const worktree = join(root, "shop-feature");
  await mkdir(RESULTS, { recursive: true });
  await createRepository(repository, worktree);

  const more = (await options.extensions?.(root)) ?? [];
  const server = await startCodeServer({
    root: join(root, "vscode"),
    extensions: [await packagedExtension(), ...more],
    env: { TELEVIBE_DATA_DIR: dataDir },
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  let browser: Browser | undefined;
  return {
    root,
    dataDir,
    repository,
    worktree,
    server,
    openWindow: async (opened = repository) => {
      browser ??= await launchBrowser();
      return Workbench.open(browser, server.url, opened);
    },
    [Symbol.asyncDispose]: async () => {
      await browser?.close();
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function createRepository(repository: string, worktree: string): Promise<void> {
  await mkdir(repository, { recursive: true });
  const git = (...args: readonly string[]) =>
    promisify(execFile)("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd: repository,
    });
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(join(repository, "cart.js"), "export const total = 0;\n");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "A cart");
  await git("worktree", "add", "--quiet", "-b", "feature", worktree);
}
