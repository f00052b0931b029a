/** Makes real git repositories for tests, far from the configuration of whoever runs them. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Repository {
  readonly path: string;
  git(...args: readonly string[]): Promise<string>;
  write(name: string, content: string | Buffer): Promise<void>;
  commit(message: string): Promise<void>;
}

/** A repository without a commit, on the branch `main`. */
export async function createRepository(path: string): Promise<Repository> {
  await mkdir(path, { recursive: true });
  const repository = openRepository(path);
  await repository.git("init", "--quiet", "--initial-branch=main");
  return repository;
}

/** The same for a folder that is one already, such as another worktree. */
export function openRepository(path: string): Repository {
  const git = async (...args: readonly string[]) => {
    const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
    return (await promisify(execFile)("git", [...identity, ...args], { cwd: path, env })).stdout;
  };
  return {
    path,
    git,
    write: (name, content) => writeFile(join(path, name), content),
    commit: async (message) => {
      await git("add", "--all");
      await git("commit", "--quiet", "--message", message);
    },
  };
}
