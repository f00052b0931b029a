/** Owns every name that the manifest knows too; a test compares it with `package.json`, both ways. */

/** The view container in the activity bar. */
export const CONTAINER = "televibe";

export const VIEWS = {
  sessions: "televibe.sessions",
  approvals: "televibe.approvals",
} as const;

export const COMMANDS = {
  /** From the palette and the context menu: asks which one where it is not told. */
  approve: "televibe.approve",
  deny: "televibe.deny",
  /** On a row, at once. */
  approveItem: "televibe.approveItem",
  denyItem: "televibe.denyItem",
  /** All that one may be answered with, to choose from. */
  approveMore: "televibe.approveMore",
  reviewApprovals: "televibe.reviewApprovals",
  showApproval: "televibe.showApproval",
  tailJobLog: "televibe.tailJobLog",
  cancelJob: "televibe.cancelJob",
  replaySession: "televibe.replaySession",
  copyId: "televibe.copyId",
  startBridge: "televibe.startBridge",
  restartBridge: "televibe.restartBridge",
  reconnect: "televibe.reconnect",
  showBridgeLog: "televibe.showBridgeLog",
  showStatus: "televibe.showStatus",
  editRules: "televibe.editRules",
} as const;

export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

/** What `when` clauses test. */
export const CONTEXT_KEYS = {
  /** `connecting`, `connected` or `away`. */
  connection: "televibe.connection",
  hasPendingApprovals: "televibe.hasPendingApprovals",
  hasJobs: "televibe.hasJobs",
  hasActiveJobs: "televibe.hasActiveJobs",
  hasSessions: "televibe.hasSessions",
} as const;

export const SETTINGS = {
  dataDir: "televibe.dataDir",
  notifications: "televibe.notifications",
  startBridge: "televibe.startBridge",
} as const;

export const NOTIFICATION_MODES = ["matching", "all", "never"] as const;
export type NotificationMode = (typeof NOTIFICATION_MODES)[number];

/** The words of a tree item's `contextValue`, which the manifest's `viewItem =~ /…/` look for. */
export const CONTEXT_WORDS = {
  project: "project",
  session: "session",
  job: "job",
  toolCall: "toolCall",
  approval: "approval",
  /** A job that has not ended. */
  active: "active",
  /** An approval that waits for an answer. */
  pending: "pending",
  /** One that may be answered for more than the one question. */
  offers: "offers",
} as const;
