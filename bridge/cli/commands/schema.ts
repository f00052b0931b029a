/** Owns `televibe schema`. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addDataDir } from "../sharedOptions.ts";

export function registerSchema(program: Command, { terminal }: CliContext): void {
  const command = program
    .command("schema")
    .description("Print the JSON Schema of events")
    .addHelpText("after", "\nExample:\n  televibe schema > event.schema.json");
  // It needs none; a script that gives it to every command shall not stumble here.
  addDataDir(command).action(async () => {
    const { eventJsonSchema } = await import("../../../shared/events/jsonSchema.ts");
    terminal.print(JSON.stringify(eventJsonSchema(), null, 2));
  });
}
