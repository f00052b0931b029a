/** Owns `televibe ask`. */
import type { Command } from "commander";
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { findPlace, toIdentifier } from "../../git/place.ts";
import { AnswerLimit } from "../ask/answerLimit.ts";
import { ApprovalRequest } from "../ask/askApproval.ts";
import { usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { addDataDir, type DataDirOption, parseSeconds } from "../sharedOptions.ts";

interface AskOptions extends DataDirOption {
  readonly scope: string;
  readonly action?: string;
  readonly timeout?: number;
  readonly project?: string;
  readonly session?: string;
  readonly json?: boolean;
}

const EXIT_APPROVED = 0;
const EXIT_DENIED = 1;
const EXIT_TIMED_OUT = 2;
/** As a shell shows a command that such a signal ended. */
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export function registerAsk(program: Command, context: CliContext): void {
  const command = program
    .command("ask")
    .description("Ask for approval and wait: exit code 0 approved, 1 denied, 2 timed out")
    .argument("<question>", "what to approve, as people are asked it")
    .option("--scope <name>", "what kind of thing it is, such as push or deploy", "ask")
    .option("--action <text>", "exactly what happens when it is approved (default: the question)")
    .option("--timeout <time>", "deny by itself after this time, such as 90s, 10m, 2h", parseTimeout)
    .option("--project <id>", "the project (default: the git repository's name)")
    .option("--session <id>", "the session (default: the branch, or the worktree's name)")
    .option("--json", "print the approval as JSON")
    .addHelpText(
      "after",
      '\nExamples:\n  televibe ask "Deploy to production?" --scope deploy --timeout 10m && make deploy\n  televibe ask "Push?" --action "git push origin main"',
    );
  addDataDir(command).action(async (question: string, options: AskOptions) => {
    const { terminal } = context;
    for (const [what, text] of [
      ["question", question],
      ["--scope", options.scope],
      ["--action", options.action ?? question],
    ] as const) {
      if (text.trim() === "") throw usageError(`The ${what} is empty; people must know what they answer`);
    }
    const access = new BridgeAccess(context, options.dataDir);
    const request = new ApprovalRequest(await questionOf(question, options), access, (error) =>
      terminal.note(`televibe: ${error.message}`),
    );
    const interrupted = new AbortController();
    let exitBySignal: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        // Twice is for somebody who does not want to wait for the bridge either.
        if (exitBySignal !== undefined) process.exit(exitBySignal);
        exitBySignal = EXIT_BY_SIGNAL[signal];
        interrupted.abort();
      });
    }
    await request.ask();
    if (!options.json) terminal.note(`Waiting for an answer (${request.approvalId})…`);
    using limit = new AnswerLimit(terminal);
    const approval = await request.answer(interrupted.signal, (waiting) => {
      if (!options.json) limit.tell(waiting);
    });
    if (exitBySignal !== undefined) {
      process.exitCode = exitBySignal;
      if (await request.withdraw()) terminal.note("Withdrawn.");
      return;
    }
    const told = approval === undefined ? "Timed out, and no bridge was there to say more" : describeDecision(approval);
    terminal.print(options.json ? JSON.stringify(approval ?? null) : told);
    process.exitCode = exitCodeOf(approval);
    // The answer stands; that the question's own job has ended is told if anybody is there to hear it.
    if (approval !== undefined) await request.finish(approval);
  });
}

async function questionOf(question: string, { action, scope, timeout, project, session }: AskOptions) {
  const place = await findPlace(currentFolder());
  const { TELEVIBE_JOB_ID, TELEVIBE_PROJECT, TELEVIBE_SESSION } = process.env;
  const asking = toIdentifier(project ?? TELEVIBE_PROJECT ?? place.project);
  return {
    project: asking,
    projectFolder: asking === place.project ? place.projectFolder : undefined,
    session: toIdentifier(session ?? TELEVIBE_SESSION ?? place.session),
    workspace: currentFolder(),
    // Inside of `televibe run` the question is that job's.
    jobId: TELEVIBE_JOB_ID || undefined,
    question,
    scope,
    action: action ?? question,
    timeoutSeconds: timeout,
  };
}

function exitCodeOf(approval: Approval | undefined): number {
  if (approval?.state === "approved") return EXIT_APPROVED;
  return approval === undefined || approval.state === "expired" ? EXIT_TIMED_OUT : EXIT_DENIED;
}

function parseTimeout(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds <= 0) throw usageError("--timeout must leave some time for an answer; write 30s, 5m, 2h");
  return seconds;
}
