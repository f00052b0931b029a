/** The command line, as the `televibe` command loads it. */
import type { CliContext } from "./context.ts";
import { runCommandLine } from "./program.ts";
import { createTerminal, endQuietlyWithoutReader } from "./terminal.ts";

export async function main(words: readonly string[], context: Omit<CliContext, "terminal">): Promise<void> {
  endQuietlyWithoutReader();
  await runCommandLine(words, { ...context, terminal: createTerminal() });
}
