/** Owns `televibe approvals`. */
import type { Command } from "commander";
import { LiveState } from "../../../shared/client/liveState.ts";
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { approvalDetails } from "../approvalDetails.ts";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { untilInterrupted } from "../interruption.ts";
import { type PlaceOptions, readMeant } from "../meant.ts";
import { approvalLine } from "../sessionsView.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface ApprovalsOptions extends DataDirOption, PlaceOptions {
  readonly all?: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export function registerApprovals(program: Command, context: CliContext): void {
  const command = program
    .command("approvals")
    .description("Show what waits for a yes or no")
    .option("--project <id>", "only this project; its name will do")
    .option("--session <id>", "only this session; its name will do")
    .option("--all", "those that were decided as well")
    .option("-f, --follow", "go on with what is asked and decided")
    .option("--json", "one JSON object a line")
    .addHelpText("after", "\nExamples:\n  televibe approvals\n  televibe approvals --follow --json");
  addDataDir(command).action(async (options: ApprovalsOptions) => {
    const { terminal } = context;
    const access = new BridgeAccess(context, options.dataDir);
    const print = (approval: Approval) => {
      if (options.json) terminal.print(JSON.stringify(approval));
      else terminal.print(describe(approval, terminal.style).join("\n"));
    };
    const client = await access.client();
    const { ids, unknown } = await readMeant(client, options);
    const shown = await client.approvals({
      ...(options.all ? {} : { state: "pending" }),
      ...(ids.project === undefined ? {} : { project_id: ids.project }),
      ...(ids.session === undefined ? {} : { session_id: ids.session }),
    });
    shown.forEach(print);
    if (shown.length === 0 && unknown !== undefined) {
      if (!options.follow) throw new CliError(unknown);
      terminal.note(unknown);
    } else if (shown.length === 0 && !options.json) terminal.note("No approval waits.");
    if (!options.follow) return;

    const live = new LiveState({ connect: (signal) => access.open(signal) });
    const seen = new Map(shown.map((approval) => [approval.approval_id, approval.state]));
    live.onDidChange((state, changes) => {
      for (const id of changes.approvals) {
        const approval = state.approvals.get(id);
        if (approval === undefined || seen.get(id) === approval.state || !fits(ids, approval)) continue;
        // What was decided before we looked is of interest to nobody who did not ask for it.
        const isOld = !seen.has(id) && approval.state !== "pending" && !options.all;
        seen.set(id, approval.state);
        if (!isOld) print(approval);
      }
    });
    live.start();
    await untilInterrupted();
    await live.stop();
  });
}

function fits({ project, session }: PlaceOptions, { project_id, session_id }: Approval): boolean {
  return (project === undefined || project === project_id) && (session === undefined || session === session_id);
}

function describe(approval: Approval, style: CliContext["terminal"]["style"]): readonly string[] {
  const place = [approval.project_id, ...(approval.session_id === null ? [] : [approval.session_id])].join(" / ");
  const end = approval.state === "pending" ? "" : `  ${style("bold", describeDecision(approval))}`;
  return [
    `${approvalLine(approval, style, Date.now())}  ${style("dim", place)}${end}`,
    ...approvalDetails(approval, style),
  ];
}
