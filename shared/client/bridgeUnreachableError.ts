/** Owns the error of a bridge that could not be reached, or that went away before it answered. */

/** What was sent may or may not have arrived: send it again with the same `event_id`s, and it counts once. */
export class BridgeUnreachableError extends Error {
  readonly code = "bridge_unreachable";

  /** @param reason what happened, as the end of a sentence: "The bridge cannot be reached: …". */
  constructor(reason: string, options?: ErrorOptions) {
    super(`The bridge cannot be reached: ${reason}`, options);
    this.name = "BridgeUnreachableError";
  }
}

/** What an error says, in one line. A connection tried at several addresses fails with an empty message of its own. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(describeError).join(", ");
  if (error instanceof Error) return error.message;
  return String(error);
}
