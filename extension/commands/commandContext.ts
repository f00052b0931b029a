/** Owns what commands are given: the store, and what the other parts do for them. */
import type { Job, Session } from "../../shared/state/state.ts";
import type { GiveAnswer } from "../store/answer.ts";
import type { LiveStore } from "../store/liveStore.ts";

export interface CommandContext {
  readonly store: LiveStore;
  readonly answer: GiveAnswer;
  denyWithReason(approval_id: string): Promise<void>;
  /** Offers what an approval can be answered with, or what approves alone. */
  choose(approval_id: string, range: "approve" | "everything"): Promise<void>;
  review(): Promise<void>;
  /** Brings an approval into sight; false when it does not wait any more. */
  revealApproval(approval_id: string): Promise<boolean>;
  /** Opens what an approval asks for, where its row does not show it whole. */
  openQuestion(approval_id: string): Promise<void>;
  showLog(job: Job): void;
  replay(session: Session): Promise<void>;
  /** Lets this window start a bridge, and tries at once. */
  startBridge(): void;
  /** Ends the bridge that runs and starts another. */
  restartBridge(): Promise<void>;
  bridgeLogFile(): string;
  rulesFile(): string;
}

/** One command. `argument` is what VS Code calls it with: a row, or nothing from the palette. */
export type Command = (context: CommandContext, argument: unknown) => Promise<void>;
