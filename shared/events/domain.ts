/** Owns the first half of an event type's name. Light on purpose: the extension loads it at start-up, and zod stays out. */

/** The part before the dot. `stream` is not one of them: it is reserved for the bridge's own control events. */
export const EVENT_DOMAINS = ["orchestrator", "project", "session", "job", "task", "coordination"] as const;
export type EventDomain = (typeof EVENT_DOMAINS)[number];

const EVENT_TYPE = /^([a-z]+)\.[a-z][a-z0-9_]{0,63}$/;

/** Whether a name is a well-formed type in a domain that we know, be it of this version or a later one. */
export function isEventTypeName(name: string): boolean {
  const domain = EVENT_TYPE.exec(name)?.[1];
  return domain !== undefined && EVENT_DOMAINS.some((known) => known === domain);
}
