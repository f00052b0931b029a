/** Owns `televibe approve` and `televibe deny`. */
import type { Command } from "commander";
import type { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { offerOf } from "../../../shared/text/offerText.ts";
import { spellOut } from "../../../shared/text/spellOut.ts";
import { CliError, usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext, terminalUser } from "../context.ts";
import { type ChosenOptions, offerRefusal, rememberOf } from "../offerOptions.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

/** Approvals that are named where several are meant. */
const MAX_NAMED = 5;

const REASONS = { approve: "looks right", deny: "not before noon" } as const;

interface DecideOptions extends DataDirOption, ChosenOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

export function registerApprove(program: Command, context: CliContext): void {
  register(program, context, "approve", "Approve what a job waits for")
    .option("--for-session", "for all like it in its session as well, where that is offered")
    .option("--always", "from now on without asking, by the rule that is offered")
    .option("--agent", "as the agent that asks suggests it")
    .addHelpText("after", "  televibe approve 01a20998-1def --always");
}

export function registerDeny(program: Command, context: CliContext): void {
  register(program, context, "deny", "Deny what a job waits for");
}

function register(program: Command, context: CliContext, decision: "approve" | "deny", description: string): Command {
  const command = program
    .command(decision)
    .description(description)
    .argument("<id>", "the approval, as `televibe approvals` lists it; its beginning is enough")
    .option("--reason <text>", "why; the job is told")
    .option("--json", "print the approval as JSON")
    .addHelpText("after", `\nExamples:\n  televibe ${decision} 01a20998-1def --reason "${REASONS[decision]}"`);
  return addDataDir(command).action(async (id: string, options: DecideOptions) => {
    const { terminal } = context;
    const remember = rememberOf(options);
    const client = await new BridgeAccess(context, options.dataDir).client();
    const asked = await findApproval(client, id);
    const refusal = remember === undefined ? undefined : offerRefusal(asked, remember);
    if (refusal !== undefined) throw new CliError(refusal);
    const { approval } = await client.decide(asked.approval_id, {
      decision,
      surface: "terminal",
      decided_by: terminalUser(),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(remember === undefined ? {} : { remember }),
    });
    if (options.json) return terminal.print(JSON.stringify(approval));
    terminal.print(`${describeDecision(approval)} — ${spellOut(approval.action)}`);
    const offer = remember === undefined ? undefined : offerOf(approval, remember);
    if (offer !== undefined) terminal.note(`From now on: ${spellOut(offer.text)}`);
  });
}

/**
 * The approval with this id, or the only one whose id begins so. Those that are decided count too: ids begin with the time,
 * so what was the beginning of one that timed out a moment ago may by now be that of a new one which nobody has read yet.
 */
async function findApproval(client: BridgeClient, id: string): Promise<Approval> {
  // As of a script whose variable is not set: every id begins with nothing.
  if (id.trim() === "") throw usageError("The id is empty. `televibe approvals` lists those that wait.");
  const approvals = await client.approvals();
  const begins = approvals.filter(({ approval_id }) => approval_id.startsWith(id));
  const exact = begins.find(({ approval_id }) => approval_id === id);
  if (exact !== undefined) return exact;
  const [only, other] = begins;
  if (other !== undefined) {
    const waitingFirst = [true, false].flatMap((isPending) =>
      begins.filter(({ state }) => (state === "pending") === isPending),
    );
    const named = waitingFirst.slice(0, MAX_NAMED).map(({ approval_id, state }) => `${approval_id} (${state})`);
    const more = begins.length > MAX_NAMED ? `, and ${begins.length - MAX_NAMED} more` : "";
    throw new CliError(
      `Several approvals begin with "${id}": ${named.join(", ")}${more}. Write more of the one you mean.`,
    );
  }
  if (only === undefined)
    throw new CliError(`There is no approval "${id}". \`televibe approvals\` lists those that wait.`);
  return only;
}
