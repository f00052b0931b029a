/** Owns the error of a store that the disk keeps from being opened. */

/** `code` is the system's, such as `EIO`. */
export class StoreOpenError extends Error {
  readonly code: string;

  constructor(directory: string, code: string, cause: Error) {
    super(
      `The event store in ${directory} could not be opened: ${cause.message}. ` +
        "Check the disk that holds it, then start the bridge again.",
      { cause },
    );
    this.name = "StoreOpenError";
    this.code = code;
  }
}

/** What the caller is told: the system alone says neither what it is about nor what to do. */
export function openFailure(directory: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return error;
  return /^E[A-Z0-9]+$/.test(error.code) ? new StoreOpenError(directory, error.code, error) : error;
}
