/** Owns reading a project's past from its stream. */
import type { Event } from "../../../shared/events/event.ts";
import type { EventDefaults } from "../../../shared/events/parse.ts";
import { streamOf } from "./keys.ts";
import { parseEventText } from "./outboxFile.ts";
import type { RedisLink } from "./redisLink.ts";

const PAGE_ENTRIES = 500;

export interface HistoryQuery {
  readonly project_id: string;
  readonly since: string;
  readonly limit: number;
}

/**
 * The events that Redis got since a time and that happened since it, oldest first, each once: an event whose publisher did
 * not know whether it had arrived stands in the stream twice.
 *
 * @throws RedisAwayError
 */
export async function readHistory(
  link: Pick<RedisLink, "range">,
  { project_id, since, limit }: HistoryQuery,
  defaults: EventDefaults,
): Promise<readonly Event[]> {
  const sinceMs = Date.parse(since);
  const found = new Map<string, Event>();
  let start = String(sinceMs);
  while (found.size < limit) {
    const entries = await link.range(streamOf(project_id), start, PAGE_ENTRIES);
    for (const { message } of entries) {
      const event = parseEventText(message["event"] ?? "", defaults);
      if (event === undefined || found.has(event.event_id) || Date.parse(event.timestamp) < sinceMs) continue;
      if (found.size < limit) found.set(event.event_id, event);
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < PAGE_ENTRIES) break;
    start = `(${last.id}`;
  }
  return [...found.values()];
}
