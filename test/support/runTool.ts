/** Owns running a tool, such as npm, to its end while tests are set up: what it printed is told only where it failed. */
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Throws, with what the tool printed, unless it ends well. */
export async function runTool(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd,
    env: { ...withoutOuterNpm(process.env), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${child.exitCode}:\n${printed}`);
}

/**
 * What the npm that runs the tests says of itself is not true of the one that installs: code-server reads the version of
 * Node off `npm_config_user_agent`, and would refuse ours instead of its own.
 */
function withoutOuterNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOuter = /^(npm_(config_user_agent|execpath|node_execpath|command|lifecycle_.*|package_.*)|NODE|INIT_CWD)$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOuter.test(name)));
}
