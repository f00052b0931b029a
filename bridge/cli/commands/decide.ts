/** Owns `televibe approve` and `televibe deny`. */
import type { Command } from "commander";
import type { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext, terminalUser } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface DecideOptions extends DataDirOption {
  readonly reason?: string;
  readonly json?: boolean;
}

export function registerDecide(program: Command, context: CliContext): void {
  for (const decision of ["approve", "deny"] as const) {
    const command = program
      .command(decision)
      .description(decision === "approve" ? "Approve what a job waits for" : "Deny what a job waits for")
      .argument("<id>", "the approval, as `televibe approvals` lists it; its beginning is enough")
      .option("--reason <text>", "why; the job is told")
      .option("--json", "print the approval as JSON")
      .addHelpText("after", `\nExample:\n  televibe ${decision} 0199a7 --reason "looks right"`);
    addDataDir(command).action(async (id: string, options: DecideOptions) => {
      const client = await new BridgeAccess(context, options.dataDir).client();
      const approval_id = await findApproval(client, id);
      const { approval } = await client.decide(approval_id, {
        decision,
        surface: "terminal",
        decided_by: terminalUser(),
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      });
      context.terminal.print(
        options.json ? JSON.stringify(approval) : `${describeDecision(approval)} — ${approval.action}`,
      );
    });
  }
}

/** The approval with this id, or the only one whose id begins so. */
async function findApproval(client: BridgeClient, id: string): Promise<string> {
  const approvals = await client.approvals();
  const begins = approvals.filter(({ approval_id }) => approval_id.startsWith(id));
  if (begins.some(({ approval_id }) => approval_id === id)) return id;
  const pending = begins.filter(({ state }) => state === "pending");
  const candidates: readonly Approval[] = pending.length > 0 ? pending : begins;
  const [only, other] = candidates;
  if (other !== undefined) {
    throw new CliError(
      `Several approvals begin with "${id}": ${candidates.map(({ approval_id }) => approval_id).join(", ")}. Write more of the one you mean.`,
    );
  }
  if (only === undefined)
    throw new CliError(`There is no approval "${id}". \`televibe approvals\` lists those that wait.`);
  return only.approval_id;
}
