/** Owns what agents are called where people read it; one that is not known goes by the name that it gives itself. */
import { oneLine } from "./oneLine.ts";

const NAMES: ReadonlyMap<string, string> = new Map([
  ["claude", "Claude Code"],
  ["codex", "Codex"],
  ["opencode", "OpenCode"],
]);

const MAX_LENGTH = 40;

export function agentName(agent: string): string {
  return NAMES.get(agent) ?? oneLine(agent, MAX_LENGTH);
}
