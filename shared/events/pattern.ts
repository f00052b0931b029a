/** Owns event patterns: `*` matches every type, `job.*` a domain, and anything else one exact type. */
import { EVENT_DOMAINS, isEventTypeName } from "./domain.ts";

export type EventPattern = string;

/** Whether a pattern can match anything at all: a misspelt one is an error, never "everything" nor "nothing". */
export function isEventPattern(pattern: string): boolean {
  if (pattern === "*") return true;
  if (pattern.endsWith(".*")) return EVENT_DOMAINS.some((domain) => `${domain}.*` === pattern);
  return isEventTypeName(pattern);
}

/** Whether an event type matches a pattern. */
export function matchesPattern(pattern: EventPattern, eventType: string): boolean {
  if (pattern === "*" || pattern === eventType) return true;
  return pattern.endsWith(".*") && eventType.startsWith(pattern.slice(0, -1));
}
