/** Owns what goes wrong between a producer and the bridge. An event that the bridge refuses is a `ProblemError`. */

/** The bridge is away for so long that nothing more can be kept for it. */
export class BufferFullError extends Error {
  readonly code = "buffer_full";

  constructor(maxWaitingBytes: number) {
    super(
      `The bridge has not taken yet what was told before, and no more than ${maxWaitingBytes} bytes may wait for it, so this was dropped. \`televibe doctor\` says what is wrong with the bridge; \`maxWaitingBytes\` lets more wait.`,
    );
    this.name = "BufferFullError";
  }
}

/** The connection was closed while something still waited for the bridge. */
export class UndeliveredError extends Error {
  readonly code = "undelivered";

  constructor(events: number, logBytes: number, reason: string) {
    super(`${events} events and ${logBytes} bytes of logs did not reach the bridge (${reason}), and are lost.`);
    this.name = "UndeliveredError";
  }
}

/** Something was told after the end: of the connection, or of the job. */
export class EndedError extends Error {
  readonly code = "ended";

  /** @param what ended, as the beginning of a sentence. */
  constructor(what: string) {
    super(`${what} has ended, so nothing more can be told of it.`);
    this.name = "EndedError";
  }
}
