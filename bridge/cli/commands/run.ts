/** Owns `televibe run`. */
import type { Command } from "commander";
import { findPlace, toIdentifier } from "../../git/place.ts";
import { usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { shellExitCode } from "../run/jobProcess.ts";
import { runJob } from "../run/runJob.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface RunOptions extends DataDirOption {
  readonly project?: string;
  readonly session?: string;
  readonly name?: string;
}

/**
 * Ending by the same signal is what a shell, `make` or a supervisor looks for. Of the others the exit code tells: they would
 * write a core file of us, or do nothing to Node.
 */
const ENDS_LIKEWISE: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"]);

/** For a command that took its cancellation calmly: `televibe run -- build && deploy` must not go on. */
const EXIT_CANCELED = 143;

export function registerRun(program: Command, context: CliContext): void {
  const command = program
    .command("run")
    .description("Run a command as a job: its output, exit code and signals pass through untouched")
    .option("--project <id>", "the project (default: the git repository's name)")
    .option("--session <id>", "the session (default: the branch, or the worktree's name)")
    .option("--name <text>", "what the job is called (default: the command line)")
    .argument("<command...>", "the command and its arguments, after --")
    .passThroughOptions()
    .addHelpText("after", "\nExamples:\n  televibe run -- npm test\n  televibe run --session nightly -- make deploy");
  addDataDir(command).action(async (words: readonly string[], options: RunOptions) => {
    const [first, ...rest] = words;
    if (first === undefined)
      throw usageError("There is no command to run. Write it after --, such as: televibe run -- npm test");
    const found = await findPlace(currentFolder());
    // `televibe run -- yes | head` ends the command as without us: by its own output being closed.
    context.terminal.outliveReader();
    const { end, isCanceled } = await runJob({
      command: [first, ...rest],
      instruction: options.name ?? words.join(" "),
      place: {
        ...found,
        project: options.project === undefined ? found.project : toIdentifier(options.project),
        session: options.session === undefined ? found.session : toIdentifier(options.session),
      },
      access: new BridgeAccess(context, options.dataDir),
      terminal: context.terminal,
    });
    await context.terminal.flush();
    // What is left open, such as a bridge that takes its time to start, is nothing to wait for.
    if (end.signal !== null && ENDS_LIKEWISE.has(end.signal)) process.kill(process.pid, end.signal);
    process.exit(isCanceled && end.exitCode === 0 ? EXIT_CANCELED : shellExitCode(end));
  });
}
