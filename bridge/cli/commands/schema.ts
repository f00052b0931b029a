/** Owns `televibe schema`. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";

export function registerSchema(program: Command, { terminal }: CliContext): void {
  program
    .command("schema")
    .description("Print the JSON Schema of events")
    .addHelpText("after", "\nExample:\n  televibe schema > event.schema.json")
    .action(async () => {
      const { eventJsonSchema } = await import("../../../shared/events/jsonSchema.ts");
      terminal.print(JSON.stringify(eventJsonSchema(), null, 2));
    });
}
