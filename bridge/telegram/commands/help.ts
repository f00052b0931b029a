/** Owns `/help`. */
import type { ChatCommand } from "./commandContext.ts";

export function helpCommand(others: readonly ChatCommand[]): ChatCommand {
  const name = "help";
  const description = "What I understand";
  const lines = [...others, { name, description }].map((command) => `/${command.name}: ${command.description}`);
  const link = "/link: in a group, tell the group too";
  return { name, description, run: () => [...lines, link].join("\n") };
}
