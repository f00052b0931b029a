/** Owns the first half of an event type's name. Light on purpose: the extension loads it at start-up, and zod stays out. */

/** The part before the dot. `stream` is not one of them: it is reserved for the bridge's own control events. */
export const EVENT_DOMAINS = ["orchestrator", "project", "session", "job", "task", "coordination"] as const;
export type EventDomain = (typeof EVENT_DOMAINS)[number];

/** What a type's name looks like, for whoever checks it by a regular expression: one of the domains, a dot, a word. */
export const EVENT_TYPE_PATTERN = `^(?:${EVENT_DOMAINS.join("|")})\\.[a-z][a-z0-9_]{0,63}$`;
const EVENT_TYPE = new RegExp(EVENT_TYPE_PATTERN);

/** Whether a name is a well-formed type in a domain that we know, be it of this version or a later one. */
export function isEventTypeName(name: string): boolean {
  return EVENT_TYPE.test(name);
}
