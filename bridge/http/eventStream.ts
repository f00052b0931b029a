/** Owns `GET /v1/events/stream`: Server-Sent Events. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Outlet } from "../stream/outlet.ts";
import { SseTarget } from "../stream/sseTarget.ts";
import { sseEncoding } from "../stream/streamEncoding.ts";
import { jitteredRetryMs, type StreamHub } from "../stream/streamHub.ts";
import { readCursor } from "./cursorParameter.ts";
import { readFilter } from "./events.ts";
import { QueryParameters } from "./parameters.ts";
import type { RequestContext, Route } from "./route.ts";
import type { Services } from "./services.ts";

/** Where a reader's cursor may stand, apart from the `Last-Event-ID` header, which wins: it is newer than the address. */
const CURSOR_PARAMETERS = ["after", "last_event_id"] as const;

export function eventStreamRoutes(services: Services): readonly Route[] {
  return [{ method: "GET", path: "/v1/events/stream", handle: (context) => stream(services, context) }];
}

function stream({ streamHub }: Services, { request, response, query }: RequestContext): undefined {
  const filter = readFilter(query, CURSOR_PARAMETERS);
  const parameters = new QueryParameters(query, "invalid_filter");
  const given = CURSOR_PARAMETERS.map((name) => [name, parameters.text(name)] as const);
  const candidates = [["Last-Event-ID", lastEventId(request)] as const, ...given];
  const [name, text] = candidates.find(([, value]) => value !== undefined) ?? [];
  const cursor = name === undefined || text === undefined ? undefined : readCursor(name, text);

  const outlet = openSse(streamHub, request, response);
  if (outlet !== undefined) {
    streamHub.read({ outlet, encoding: sseEncoding(streamHub.epoch), filter, cursor });
  }
  return undefined;
}

export function lastEventId({ headers }: IncomingMessage): string | undefined {
  const value = headers["last-event-id"];
  const text = Array.isArray(value) ? value[0] : value;
  return text === "" ? undefined : text;
}

/** Sends the head of a stream; undefined when that is all that was asked for. */
export function openSse(streamHub: StreamHub, request: IncomingMessage, response: ServerResponse): Outlet | undefined {
  const target = new SseTarget(response, jitteredRetryMs());
  if (request.method === "HEAD") {
    target.end();
    return undefined;
  }
  const outlet = streamHub.openOutlet(target, "sse");
  response.once("close", () => outlet.didClose());
  return outlet;
}
