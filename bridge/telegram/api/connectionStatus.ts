/** Owns how the connection to Telegram stands, in words that any surface can show. */

export type AwayReason =
  /** Telegram cannot be reached. */
  | "network"
  /** Telegram answers, with 5xx. */
  | "server"
  /** Telegram asked for a pause. */
  | "rateLimited"
  /** Another process reads the updates of the same bot. */
  | "conflict"
  /** The token is wrong or was revoked. */
  | "unauthorized"
  /** Telegram refuses to give updates, for a reason of its own. */
  | "refused";

/** Who the token belongs to. */
export interface BotIdentity {
  readonly id: number;
  readonly username: string;
}

/** Times are milliseconds since the epoch. */
export type ConnectionStatus =
  | { readonly state: "stopped" }
  | { readonly state: "connecting"; readonly sinceMs: number }
  | { readonly state: "connected"; readonly sinceMs: number; readonly bot: BotIdentity }
  | {
      readonly state: "away";
      readonly sinceMs: number;
      readonly why: AwayReason;
      /** What happened and what to do, without the token. */
      readonly message: string;
      readonly nextTryMs: number;
    };
