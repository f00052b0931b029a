/** Owns the errors that a person at the terminal caused or can mend: one line, and an exit code. */

/** As sysexits.h has it: the command line itself is wrong. */
export const EXIT_USAGE = 64;

export class CliError extends Error {
  readonly code = "cli_error";
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}

export function usageError(message: string): CliError {
  return new CliError(message, EXIT_USAGE);
}
