/** Owns reading a session's past from the bridge, page by page, oldest first. */
import type { BridgeClient } from "../../shared/client/bridgeClient.ts";
import type { StoredEvent } from "../../shared/events/event.ts";
import { MAX_QUERY_LIMIT } from "../../shared/protocol/version.ts";
import type { Session } from "../../shared/state/state.ts";

/** Beyond this a document is nothing that anybody reads, and costs the editor dearly. */
export const MAX_REPLAY_EVENTS = 20_000;

export interface SessionPast {
  /** The newest ones where there are more than are taken. */
  readonly events: readonly StoredEvent[];
  readonly isCut: boolean;
}

export async function readSessionEvents(
  client: Pick<BridgeClient, "eventsPage">,
  { project_id, session_id }: Pick<Session, "project_id" | "session_id">,
  signal: AbortSignal,
): Promise<SessionPast> {
  const pages: (readonly StoredEvent[])[] = [];
  let length = 0;
  let before: string | undefined;
  // From the end backwards: where there is too much, it is the beginning that can be done without.
  do {
    const page = await client.eventsPage(
      {
        project_id: [project_id],
        session_id: [session_id],
        order: "desc",
        limit: MAX_QUERY_LIMIT,
        ...(before === undefined ? {} : { before }),
      },
      signal,
    );
    pages.push(page.events);
    length += page.events.length;
    before = page.next ?? undefined;
  } while (before !== undefined && length < MAX_REPLAY_EVENTS);
  return { events: pages.flat().reverse(), isCut: before !== undefined };
}
