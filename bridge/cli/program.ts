/** Owns the command line as a whole: which commands there are, and how what goes wrong is told. */
import { Command, CommanderError } from "commander";
import { BridgeStartError } from "../../shared/client/startBridge.ts";
import { CliError, EXIT_USAGE } from "./cliError.ts";
import type { CliContext } from "./context.ts";
import { addDataDir, type DataDirOption } from "./sharedOptions.ts";

type Register = (program: Command, context: CliContext) => void;

/**
 * In the order of `--help`. Each is loaded when it is wanted: what one command needs, another would wait for.
 */
const COMMANDS: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ["bridge", async () => (await import("./commands/bridge.ts")).registerBridge],
  ["run", async () => (await import("./commands/run.ts")).registerRun],
  ["ask", async () => (await import("./commands/ask.ts")).registerAsk],
  ["hook", async () => (await import("./commands/hook.ts")).registerHook],
  ["emit", async () => (await import("./commands/emit.ts")).registerEmit],
  ["sessions", async () => (await import("./commands/sessions.ts")).registerSessions],
  ["approvals", async () => (await import("./commands/approvals.ts")).registerApprovals],
  ["events", async () => (await import("./commands/events.ts")).registerEvents],
  ["approve", async () => (await import("./commands/decide.ts")).registerApprove],
  ["deny", async () => (await import("./commands/decide.ts")).registerDeny],
  ["rules", async () => (await import("./commands/rules.ts")).registerRules],
  ["tail", async () => (await import("./commands/tail.ts")).registerTail],
  ["replay", async () => (await import("./commands/replay.ts")).registerReplay],
  ["pin", async () => (await import("./commands/pin.ts")).registerPin],
  ["unpin", async () => (await import("./commands/pin.ts")).registerUnpin],
  ["store", async () => (await import("./commands/store.ts")).registerStore],
  ["telegram", async () => (await import("./commands/telegram.ts")).registerTelegram],
  ["hooks", async () => (await import("./commands/hooks.ts")).registerHooks],
  ["status", async () => (await import("./commands/status.ts")).registerStatus],
  ["doctor", async () => (await import("./commands/doctor.ts")).registerDoctor],
  ["stop", async () => (await import("./commands/stop.ts")).registerStop],
  ["demo", async () => (await import("./commands/demo.ts")).registerDemo],
  ["schema", async () => (await import("./commands/schema.ts")).registerSchema],
]);

/** The command that is meant, where that is plain; all of them for help, and where a name is none of theirs. */
function wanted([first = "", ...others]: readonly string[]): readonly (() => Promise<Register>)[] {
  if (first === "--data-dir") return wanted(others.slice(1));
  if (first.startsWith("--data-dir=")) return wanted(others);
  const load = COMMANDS.get(first);
  return load === undefined ? [...COMMANDS.values()] : [load];
}

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
  for (const register of await Promise.all(wanted(words).map((load) => load()))) register(program, context);
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
