/** Owns `/v1/events`: publishing and querying. */
import { formatCursor } from "../../shared/protocol/cursor.ts";
import { type EventFilter, parseFilter } from "../../shared/protocol/filter.ts";
import { ProblemError, problem } from "../../shared/protocol/problem.ts";
import type { PublishResponse } from "../../shared/protocol/publish.ts";
import { DEFAULT_QUERY_LIMIT, MAX_QUERY_LIMIT } from "../../shared/protocol/version.ts";
import { searchExpression } from "../store/searchText.ts";
import { firstRetentionGap } from "../stream/startPosition.ts";
import { mediaType, parseJsonBody, parseNdjsonBody, readBody } from "./body.ts";
import { CLOUD_EVENT_BATCH_TYPE, CLOUD_EVENT_TYPE, cloudEventForm } from "./cloudEvents.ts";
import { readQueryCursor } from "./cursorParameter.ts";
import { readFilterWith } from "./filterProblem.ts";
import { QueryParameters } from "./parameters.ts";
import { type Answer, jsonAnswer, type RequestContext, type Route } from "./route.ts";
import type { Services } from "./services.ts";

const JSON_TYPE = "application/json";
const NDJSON_TYPES = ["application/x-ndjson", "application/ndjson"] as const;
const OWN_PARAMETERS = ["after", "before", "limit", "order", "search"] as const;

export function eventRoutes(services: Services): readonly Route[] {
  return [
    { method: "POST", path: "/v1/events", handle: (context) => publish(services, context) },
    { method: "GET", path: "/v1/events", handle: (context) => query(services, context) },
  ];
}

async function publish({ ingest }: Services, { request, query }: RequestContext): Promise<Answer> {
  new QueryParameters(query).allow();
  const type = mediaType(request, [JSON_TYPE, ...NDJSON_TYPES, CLOUD_EVENT_TYPE, CLOUD_EVENT_BATCH_TYPE]);
  const body = await readBody(request);
  if (type === CLOUD_EVENT_BATCH_TYPE) return publishCloudEvents(ingest, body);
  const form = type === CLOUD_EVENT_TYPE ? cloudEventForm : undefined;
  const isLines = type !== undefined && type !== JSON_TYPE && form === undefined;
  const input = isLines ? parseNdjsonBody(body) : parseJsonBody(body);
  if (Array.isArray(input) && form === undefined) {
    if (input.length === 0) throw problem("invalid_request", "The batch holds no event; send at least one.");
    return published({ results: await ingest.publish(ingest.checkMany(input, body.length)) });
  }

  const results = await ingest.publish([ingest.checkOne(input, body.length, form)]);
  const refusal = results[0]?.problem;
  if (refusal !== undefined) throw new ProblemError(refusal);
  return published({ results });
}

/** A batch may be empty (JSON batch format, section 4). */
async function publishCloudEvents(ingest: Services["ingest"], body: Buffer): Promise<Answer> {
  const input = parseJsonBody(body);
  if (!Array.isArray(input)) throw problem("invalid_request", `A body of ${CLOUD_EVENT_BATCH_TYPE} must be an array.`);
  return published({ results: await ingest.publish(ingest.checkMany(input, body.length, cloudEventForm)) });
}

function published(response: PublishResponse): Answer {
  return jsonAnswer(200, response);
}

async function query({ store }: Services, { query, signal }: RequestContext): Promise<Answer> {
  const filter = readFilter(query, OWN_PARAMETERS);
  const parameters = new QueryParameters(query, "invalid_filter");
  const limit = parameters.integer("limit", { least: 1, most: MAX_QUERY_LIMIT }) ?? DEFAULT_QUERY_LIMIT;
  const order = parameters.choice("order", ["asc", "desc"]) ?? "asc";
  const [after, before] = (["after", "before"] as const).map((name) => {
    const text = parameters.text(name);
    return text === undefined ? undefined : readQueryCursor(name, text, store.epoch);
  });
  if (after !== undefined && before !== undefined && before <= after) {
    throw problem("invalid_cursor", "Nothing lies between these cursors: before must be greater than after.");
  }
  const search = parameters.text("search");
  if (search !== undefined && searchExpression(search) === undefined) {
    throw problem("invalid_filter", `There is no word to look for in "search" (${JSON.stringify(search)}).`);
  }
  // One more than asked for tells whether there is a next page.
  const found = await store.query({
    filter,
    limit: limit + 1,
    order,
    signal,
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    ...(search === undefined ? {} : { search }),
  });
  const events = found.slice(0, limit);
  const last = events.at(-1);
  const next = found.length > limit && last !== undefined ? formatCursor({ epoch: store.epoch, seq: last.seq }) : null;
  const until = next === null || last === undefined || order === "desc" ? store.lastSeq : last.seq;
  const thinned = store.thinned?.() ?? [];
  const gap = after === undefined ? undefined : firstRetentionGap(after, until, { firstSeq: store.firstSeq, thinned });
  return jsonAnswer(200, { events, next, ...(gap === undefined ? {} : { gap }) });
}

/** The filter in a query whose further parameters are named. @throws ProblemError `invalid_filter`. */
export function readFilter(query: URLSearchParams, others: readonly string[]): EventFilter {
  return readFilterWith(() => parseFilter(query, others));
}
