/** The extension's composition root: makes the parts and gives each what it needs. Nothing here waits for the bridge. */
import { type ExtensionContext, window, workspace } from "vscode";
import { paths } from "../shared/client/dataPaths.ts";
import { chooseAnswer } from "./approvals/answerMenu.ts";
import { ApprovalNotifier } from "./approvals/approvalNotifier.ts";
import { reviewApprovals } from "./approvals/approvalReview.ts";
import { Decisions } from "./approvals/decisions.ts";
import { QuestionDocuments } from "./approvals/questionDocuments.ts";
import { BridgeConnection, bridgeLaunch } from "./bridge/connection.ts";
import { readDataDirectory, readNotificationMode, readStartBridge } from "./bridge/settings.ts";
import { tellStartFailure } from "./bridge/startFailure.ts";
import { stopBridge } from "./bridge/stopBridge.ts";
import type { CommandContext } from "./commands/commandContext.ts";
import { Commands } from "./commands/registerCommands.ts";
import { showApproval } from "./commands/showApproval.ts";
import { showStatus } from "./commands/showStatus.ts";
import { ContextKeys } from "./contextKeys.ts";
import { SETTINGS } from "./contributions.ts";
import { JobLogs } from "./logs/jobLogs.ts";
import { ReplayDocuments } from "./replay/replayDocuments.ts";
import { StatusBar } from "./statusBar/statusBar.ts";
import { LiveStore } from "./store/liveStore.ts";
import { ApprovalsView } from "./tree/approvalsView.ts";
import { SessionsView } from "./tree/sessionsView.ts";

let stop: (() => Promise<void>) | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("Televibe", { log: true });
  const onError = (error: unknown) => log.error(error instanceof Error ? error : String(error));
  const connection = new BridgeConnection({
    dataDir: readDataDirectory,
    mayStart: readStartBridge,
    launch: bridgeLaunch(context.asAbsolutePath("dist/televibe.js")),
    onGivenUp: (error) => void tellStartFailure(error).catch(onError),
  });
  const store = new LiveStore({ connect: connection.connect, onError });
  const logs = new JobLogs(store, connection.find);
  const replays = new ReplayDocuments(store);
  const questions = new QuestionDocuments(store);
  const approvals = new ApprovalsView(store);
  const decisions = new Decisions(store, () => showStatus(commandContext, undefined));

  const answer = decisions.answer.bind(decisions);
  const denyWithReason = decisions.denyWithReason.bind(decisions);
  const show = (approval_id: string) => showApproval(commandContext, { approval_id });
  const choose: CommandContext["choose"] = (id, range) =>
    chooseAnswer(store, { answer, denyWithReason, show }, id, range);
  const more = (approval_id: string) => choose(approval_id, "everything");
  const review = () => reviewApprovals(store, { answer, more, show, onError });
  const startBridge = () => {
    connection.allowStart();
    store.retryNow();
  };
  const commandContext: CommandContext = {
    store,
    answer,
    denyWithReason,
    choose,
    review,
    revealApproval: (approval_id) => approvals.reveal(approval_id),
    openQuestion: (approval_id) => questions.open(approval_id),
    showLog: (job) => logs.show(job),
    replay: (session) => replays.replay(session),
    startBridge,
    restartBridge: async () => {
      await stopBridge(readDataDirectory());
      startBridge();
    },
    bridgeLogFile: () => paths(readDataDirectory()).bridgeLog,
    rulesFile: () => paths(readDataDirectory()).rules,
  };

  context.subscriptions.push(
    log,
    replays,
    questions,
    approvals,
    new SessionsView(store),
    new StatusBar(store),
    new ContextKeys(store),
    new Commands(commandContext, onError),
    new ApprovalNotifier(store, { mode: readNotificationMode, answer, more, review, onError }),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(SETTINGS.dataDir)) store.reconnect().catch(onError);
      else if (change.affectsConfiguration(SETTINGS.startBridge)) store.retryNow();
    }),
  );
  store.onStatus((status) => log.info(`Connection: ${status.state}${"reason" in status ? `, ${status.reason}` : ""}`));
  stop = async () => {
    await Promise.all([logs.stop(), store.stop()]);
  };
  store.start();
}

/** The bridge goes on without this window; only the connections to it end here. */
export async function deactivate(): Promise<void> {
  await stop?.();
}
