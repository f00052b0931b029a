/** Owns reading Codex's rollout file: JSON lines `{timestamp, type, payload}` that say what it wrote, used, and how tools went. */
import { parseJson } from "../../shared/client/parseJson.ts";
import type { TranscriptEntry } from "./agent.ts";
import { type HookInput, isRecord, listIn, numberIn, recordIn, textIn } from "./hookInput.ts";
import { tokens } from "./modelUsage.ts";

export function readCodexTranscript(lines: readonly string[]): readonly TranscriptEntry[] {
  let model: string | undefined;
  return lines.flatMap((line): TranscriptEntry[] => {
    const entry = parseJson(line);
    if (!isRecord(entry)) return [];
    const payload = recordIn(entry, "payload");
    const atMs = Date.parse(textIn(entry, "timestamp") ?? "");
    if (Number.isNaN(atMs)) return [];
    switch (entry["type"]) {
      case "turn_context":
        model = textIn(payload, "model") ?? model;
        return [];
      case "response_item":
        return said(payload).map((text) => ({ kind: "said", atMs, text }));
      case "token_usage_record":
        return used(payload, atMs, model);
      case "event_msg":
        return payload["type"] === "item_completed" ? toolEnded(recordIn(payload, "item"), atMs) : [];
      default:
        return [];
    }
  });
}

function said(item: HookInput): string[] {
  if (item["type"] !== "message" || item["role"] !== "assistant") return [];
  return listIn(item, "content")
    .filter(isRecord)
    .flatMap((part) => textIn(part, "text") ?? []);
}

function used(record: HookInput, atMs: number, model: string | undefined): TranscriptEntry[] {
  const usage = recordIn(record, "usage");
  const cacheRead = tokens(usage["cached_input_tokens"]);
  const cacheWrite = tokens(usage["cache_write_input_tokens"]);
  return [
    {
      kind: "used",
      atMs,
      id: textIn(record, "response_id") ?? String(atMs),
      usage: {
        // Codex counts what came from the cache, and what went into it, among what was read.
        input_tokens: Math.max(0, tokens(usage["input_tokens"]) - cacheRead - cacheWrite),
        output_tokens: tokens(usage["output_tokens"]),
        cache_read_tokens: cacheRead,
        cache_write_tokens: cacheWrite,
        ...(model === undefined ? {} : { model }),
      },
    },
  ];
}

/** Its hooks do not say whether a command succeeded; this does. */
function toolEnded(item: HookInput, atMs: number): TranscriptEntry[] {
  const toolUseId = textIn(item, "id");
  const exitCode = numberIn(item, "exit_code");
  return toolUseId === undefined || exitCode === undefined ? [] : [{ kind: "tool_ended", atMs, toolUseId, exitCode }];
}
