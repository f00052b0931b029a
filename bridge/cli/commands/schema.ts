/** Owns `televibe schema`. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addDataDir } from "../sharedOptions.ts";

export function registerSchema(program: Command, { terminal }: CliContext): void {
  const command = program
    .command("schema")
    .description("Print the JSON Schema of events, or of the rules file")
    .option("--rules", "of rules.json")
    .addHelpText("after", "\nExamples:\n  televibe schema > event.schema.json\n  televibe schema --rules");
  // It needs none; a script that gives it to every command shall not stumble here.
  addDataDir(command).action(async ({ rules }: { readonly rules?: boolean }) => {
    const { eventJsonSchema } = await import("../../../shared/events/jsonSchema.ts");
    const { rulesJsonSchema } = await import("../../rules/rulesSchema.ts");
    terminal.print(JSON.stringify(rules ? rulesJsonSchema() : eventJsonSchema(), null, 2));
  });
}
