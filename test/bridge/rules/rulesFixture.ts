/** Holds rules against a question, as the door does. */
import { decideByRule, type Surroundings } from "../../../bridge/rules/decideByRule.ts";
import { requestOf } from "../../../bridge/rules/request.ts";
import { rulesFile } from "../../../bridge/rules/rulesSchema.ts";

export const NOWHERE: Surroundings = { home: "/home/nobody-here", dataDir: "/home/nobody-here/.televibe" };

export interface Facts {
  readonly scope?: string;
  readonly [name: string]: unknown;
}

/** Rules as they stand in a file: those that the file could not hold are an error of the test. */
export async function decisionOn(
  rules: readonly object[],
  { scope = "command", ...context }: Facts,
  surroundings = NOWHERE,
): Promise<string> {
  const { command } = context;
  const action = typeof command === "string" ? command : "what is asked";
  const asked = { project_id: "shop", session_id: null, data: { scope, action, context } };
  const read = rulesFile.parse({ rules }).rules ?? [];
  return (await decideByRule(read, requestOf(asked), surroundings))?.decision ?? "ask";
}
