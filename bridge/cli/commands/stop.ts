/** Owns `televibe stop`. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

const STOP_TIMEOUT_MS = 15_000;
const LOOK_INTERVAL_MS = 50;

export function registerStop(program: Command, context: CliContext): void {
  const command = program
    .command("stop")
    .description("Stop the bridge that runs; jobs go on, and tell it later")
    .addHelpText("after", "\nExample:\n  televibe stop");
  addDataDir(command).action(async (options: DataDirOption) => {
    const access = new BridgeAccess(context, options.dataDir);
    const entry = await access.find();
    if (entry === undefined) {
      context.terminal.print("No bridge runs.");
      return;
    }
    // It answered just now, so the process id is that bridge's and not some stranger's who got it later.
    process.kill(entry.pid, "SIGTERM");
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (isAlive(entry.pid)) {
      if (Date.now() > deadline)
        throw new CliError(`The bridge (process ${entry.pid}) has not stopped after ${STOP_TIMEOUT_MS / 1000} s.`);
      await delay(LOOK_INTERVAL_MS);
    }
    context.terminal.print("The bridge has stopped.");
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // Gone: that is what is waited for.
    return false;
  }
}
