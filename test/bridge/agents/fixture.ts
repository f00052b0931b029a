/** What the real agents wrote to their hooks, in the order in which they called. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HookInput } from "../../../bridge/agents/hookInput.ts";

export type FixtureName = "claude/turn" | "claude/deniedAndSubagent" | "codex/turn";

export function fixture(name: FixtureName): readonly HookInput[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8"));
}
