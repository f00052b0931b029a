/** Owns the command line as a whole: which commands there are, and how what goes wrong is told. */
import { Command, CommanderError } from "commander";
import { BridgeStartError } from "../../shared/client/startBridge.ts";
import { CliError, EXIT_USAGE } from "./cliError.ts";
import { registerApprovals } from "./commands/approvals.ts";
import { registerAsk } from "./commands/ask.ts";
import { registerBridge } from "./commands/bridge.ts";
import { registerDecide } from "./commands/decide.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerEmit } from "./commands/emit.ts";
import { registerEvents } from "./commands/events.ts";
import { registerPin } from "./commands/pin.ts";
import { registerReplay } from "./commands/replay.ts";
import { registerRun } from "./commands/run.ts";
import { registerSchema } from "./commands/schema.ts";
import { registerSessions } from "./commands/sessions.ts";
import { registerStatus } from "./commands/status.ts";
import { registerStop } from "./commands/stop.ts";
import { registerStore } from "./commands/store.ts";
import { registerTail } from "./commands/tail.ts";
import { registerTelegram } from "./commands/telegram.ts";
import type { CliContext } from "./context.ts";
import { addDataDir, type DataDirOption } from "./sharedOptions.ts";

/** In the order of `--help`. */
const REGISTER = [
  registerBridge,
  registerRun,
  registerAsk,
  registerEmit,
  registerSessions,
  registerApprovals,
  registerEvents,
  registerDecide,
  registerTail,
  registerReplay,
  registerPin,
  registerStore,
  registerTelegram,
  registerStatus,
  registerDoctor,
  registerStop,
  registerSchema,
];

/** Runs a command line; what it comes to is in `process.exitCode`. */
export async function runCommandLine(words: readonly string[], context: CliContext): Promise<void> {
  const program = new Command("televibe")
    .description("Mission control for coding agents and long jobs")
    .version(context.version)
    .enablePositionalOptions()
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();
  // People write it before the command as well as behind it.
  addDataDir(program).hook("preAction", (_program, command) => {
    const { dataDir } = program.opts<DataDirOption>();
    if (dataDir !== undefined && command.getOptionValue("dataDir") === undefined) {
      command.setOptionValue("dataDir", dataDir);
    }
  });
  for (const register of REGISTER) register(program, context);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    process.exitCode = report(error, context);
  }
}

/** What the system says where the data directory cannot be used. */
const DISK_CODES: readonly unknown[] = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST", "ENOSPC"];

/** Ours have a class of their own and a code in words; the system's say which call failed. */
function isOwn(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === "Error") return false;
  return "code" in error && !("syscall" in error);
}

/** Says what went wrong, once and in words; answers the exit code. */
function report(error: unknown, { terminal }: CliContext): number {
  // commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof CliError) {
    terminal.note(`televibe: ${error.message}`);
    return error.exitCode;
  }
  const isExpected = isOwn(error);
  const message = error instanceof Error ? error.message : String(error);
  terminal.note(`televibe: ${message}`);
  // A bridge that ended at once may have had no room to say why.
  const isOfDisk =
    error instanceof BridgeStartError || (error instanceof Error && "code" in error && DISK_CODES.includes(error.code));
  if (isOfDisk)
    terminal.note("`televibe doctor`, with the same --data-dir if any, says what is wrong and how to mend it.");
  if (process.env["TELEVIBE_DEBUG"] && error instanceof Error) terminal.note(error.stack ?? "");
  else if (!isExpected && !isOfDisk) terminal.note("Set TELEVIBE_DEBUG=1 to see where this comes from.");
  return 1;
}
