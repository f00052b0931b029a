/** Owns what of an event can be found by its words, and how a person's search becomes an expression of SQLite's FTS4. */
import type { Event } from "../../shared/events/event.ts";

/** Fields of `data` that people read. */
const SEARCHED = [
  "instruction",
  "summary",
  "error",
  "tool",
  "message",
  "action",
  "reason",
  "title",
  "description",
  "file",
  "name",
] as const;

/** Of each field; what stands behind it is no prose. */
const MAX_CHARACTERS = 16 * 1024;

/** The words of an event by which it is found; empty when there are none. */
export function searchText({ data }: Event): string {
  const facts: Readonly<Record<string, unknown>> = data ?? {};
  let text = "";
  for (const field of SEARCHED) {
    const value = facts[field];
    if (typeof value !== "string" || value === "") continue;
    const part = value.length > MAX_CHARACTERS ? value.slice(0, MAX_CHARACTERS) : value;
    text = text === "" ? part : `${text}\n${part}`;
  }
  return text;
}

/**
 * An expression that finds events with all the words of a search: `"several words"` stand together, `wor*` is the
 * beginning of a word. Everything else is taken for text, so no search is a wrong one. Undefined when there is no word in it.
 */
export function searchExpression(search: string): string | undefined {
  const phrases: string[] = [];
  for (const [, phrase, word] of search.matchAll(/"([^"]*)"?|([^\s"]+)/g)) {
    const text = (phrase ?? word ?? "").trim();
    const isBeginning = phrase === undefined && text.endsWith("*");
    const words = text.replace(/[*"]/g, " ").trim();
    if (/[\p{L}\p{N}]/u.test(words)) phrases.push(`"${words}${isBeginning ? "*" : ""}"`);
  }
  return phrases.length === 0 ? undefined : phrases.join(" ");
}
