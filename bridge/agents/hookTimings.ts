/** Owns how long hooks, their agents and what they write are waited for. */

export interface AgentHookTimings {
  /** How long a hook may be away before its request is withdrawn. */
  readonly absentMs: number;
  /** The same, for those that waited when the bridge was restarted. */
  readonly restartMs: number;
  /** How long an agent that ends no hooks may say nothing after one of them has left, before its turn is taken for over. */
  readonly silentMs: number;
  /** What hooks leave is looked for this often, besides before each call and whenever the system says that it came. */
  readonly spoolIntervalMs: number;
  /** How long an agent's transcript is waited for, which it writes a little later than it calls. */
  readonly transcriptWaitMs: number;
  /** How long a hook that asks is left without any answer: well below the 100 ms after which it gives the bridge up. */
  readonly promptMs: number;
}

export const TIMINGS: AgentHookTimings = {
  absentMs: 3000,
  restartMs: 15_000,
  silentMs: 60_000,
  spoolIntervalMs: 1000,
  transcriptWaitMs: 500,
  promptMs: 40,
};
