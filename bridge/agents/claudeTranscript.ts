/** Owns reading Claude Code's transcript: JSON lines, of which those with `type: "assistant"` say what it wrote and used. */

import { parseJson } from "../../shared/client/parseJson.ts";
import type { TranscriptEntry } from "./agent.ts";
import { type HookInput, isRecord, listIn, numberIn, recordIn, textIn } from "./hookInput.ts";
import { type ModelUsage, tokens } from "./modelUsage.ts";

/** Stands in the place of the model's name where no model spoke. */
const NO_MODEL = "<synthetic>";

export function readClaudeTranscript(lines: readonly string[]): readonly TranscriptEntry[] {
  return lines.flatMap((line) => {
    // Most lines are results of tools, and long.
    if (!line.includes('"assistant"')) return [];
    const entry = parseJson(line);
    return isRecord(entry) && entry["type"] === "assistant" ? entriesOf(entry) : [];
  });
}

function entriesOf(entry: HookInput): TranscriptEntry[] {
  const message = recordIn(entry, "message");
  const atMs = Date.parse(textIn(entry, "timestamp") ?? "");
  if (Number.isNaN(atMs)) return [];
  const entries: TranscriptEntry[] = [];
  // A subagent's words are its parent's reading, not the story.
  if (entry["isSidechain"] !== true) {
    for (const block of listIn(message, "content").filter(isRecord)) {
      const text = block["type"] === "text" ? textIn(block, "text") : undefined;
      if (text !== undefined) entries.push({ kind: "said", atMs, text });
    }
  }
  const id = textIn(message, "id");
  const model = textIn(message, "model");
  if (id !== undefined && model !== NO_MODEL && isRecord(message["usage"])) {
    entries.push({ kind: "used", atMs, id, usage: usageOf(message["usage"], model, numberIn(entry, "costUSD")) });
  }
  return entries;
}

function usageOf(usage: HookInput, model: string | undefined, costUsd: number | undefined): ModelUsage {
  return {
    input_tokens: tokens(usage["input_tokens"]),
    output_tokens: tokens(usage["output_tokens"]),
    cache_read_tokens: tokens(usage["cache_read_input_tokens"]),
    cache_write_tokens: tokens(usage["cache_creation_input_tokens"]),
    ...(costUsd === undefined || costUsd < 0 ? {} : { cost_usd: costUsd }),
    ...(model === undefined ? {} : { model }),
  };
}
