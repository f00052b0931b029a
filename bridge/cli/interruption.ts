/** Owns the end of a command that goes on until somebody has seen enough. */

/** Resolves at Ctrl-C or SIGTERM, which then end the command in its own time. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

/** The same as a signal, for what is waited for in between. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  void untilInterrupted().then(() => controller.abort());
  return controller.signal;
}
