/** Owns `/v1/jobs/{job_id}/log`: bytes in at an offset, lines out as a page or as a stream. */
import { formatLogCursor, type LogCursor, type LogFrame, parseLogCursor } from "../../shared/protocol/log.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { HEARTBEAT_INTERVAL_MS, MAX_BODY_BYTES } from "../../shared/protocol/version.ts";
import { encodeSseFrame } from "../stream/streamEncoding.ts";
import { mediaType, readBody } from "./body.ts";
import { lastEventId, openSse } from "./eventStream.ts";
import { DEFAULT_LOG_LINES, type FollowFrom, followLog, MAX_LOG_LINES, readLog, requireLog } from "./jobLog.ts";
import { QueryParameters } from "./parameters.ts";
import { type Answer, jsonAnswer, type RequestContext, type Route } from "./route.ts";
import type { Services } from "./services.ts";

const PATH = "/v1/jobs/{job_id}/log";
const LOG_TYPES = ["text/plain", "application/octet-stream"] as const;
const OFFSETS = { least: 0, most: Number.MAX_SAFE_INTEGER } as const;

/** A comment: nothing for the reader, but the kernel finds out with it that a peer is gone. */
const KEEP_ALIVE = Buffer.from(":\n\n");

export function jobLogRoutes(services: Services): readonly Route[] {
  return [
    { method: "POST", path: PATH, handle: (context) => append(services, context) },
    { method: "GET", path: PATH, handle: (context) => read(services, context) },
  ];
}

async function append({ logs }: Services, { path, query, request }: RequestContext): Promise<Answer> {
  const offset = new QueryParameters(query).allow("offset").integer("offset", OFFSETS);
  mediaType(request, LOG_TYPES);
  const bytes = await readBody(request);
  return jsonAnswer(200, await logs.append(path["job_id"] ?? "", bytes, offset));
}

async function read(services: Services, context: RequestContext): Promise<Answer | undefined> {
  const { query } = context;
  const jobId = context.path["job_id"] ?? "";
  const parameters = new QueryParameters(query).allow("lines", "offset", "max_bytes", "follow");
  const lines = parameters.integer("lines", { least: 0, most: MAX_LOG_LINES });
  const offset = parameters.integer("offset", OFFSETS);
  const maxBytes = parameters.integer("max_bytes", { least: 1, most: MAX_BODY_BYTES });
  const isFollowed = parameters.choice("follow", ["true", "false"]) === "true";
  if (lines !== undefined && offset !== undefined) {
    throw parameters.wrong("lines", '"lines" counts from the end and "offset" from the beginning; give one of them');
  }
  if (maxBytes !== undefined && (offset === undefined || isFollowed)) {
    throw parameters.wrong("max_bytes", '"max_bytes" bounds a page that begins at an "offset"');
  }

  if (isFollowed) {
    await follow(services, context, jobId, followFrom(context, lines, offset));
    return undefined;
  }
  const from =
    offset === undefined ? { lines: lines ?? DEFAULT_LOG_LINES } : { offset, maxBytes: maxBytes ?? MAX_BODY_BYTES };
  return jsonAnswer(200, await readLog(services, jobId, from));
}

/** A reader that comes back says where it stands in `Last-Event-ID`, which is newer than its address. */
function followFrom({ request }: RequestContext, lines: number | undefined, offset: number | undefined): FollowFrom {
  const text = lastEventId(request);
  if (text !== undefined) {
    const cursor = parseLogCursor(text);
    if (cursor !== undefined) return cursor;
    const message = `"${text}" is not a log's cursor; it is generation-offset as the bridge gives it`;
    throw problem("invalid_cursor", `Last-Event-ID: ${message}.`, { issues: [{ path: "Last-Event-ID", message }] });
  }
  return offset === undefined ? { lines: lines ?? DEFAULT_LOG_LINES } : { offset };
}

async function follow(
  services: Services,
  { request, response, signal }: RequestContext,
  jobId: string,
  from: FollowFrom,
): Promise<void> {
  await requireLog(services, jobId);
  const outlet = openSse(services.streamHub, request, response);
  if (outlet === undefined) return;
  const ended = AbortSignal.any([signal, outlet.closed]);
  const keepAlive = setInterval(() => {
    if (outlet.queuedBytes === 0) outlet.write(KEEP_ALIVE, 0);
  }, HEARTBEAT_INTERVAL_MS);
  try {
    for await (const { frame, cursor } of followLog(services, jobId, from, ended)) {
      await outlet.flush(encodeLogFrame(frame, cursor), 1);
    }
  } finally {
    clearInterval(keepAlive);
    outlet.end();
  }
}

/** Followers at the same place get the same frame, under the same cursor: it is encoded for the first of them. */
const encodedFrames = new WeakMap<LogFrame, Buffer>();

function encodeLogFrame(frame: LogFrame, cursor: LogCursor): Buffer {
  const known = encodedFrames.get(frame);
  if (known !== undefined) return known;
  const sse = encodeSseFrame({ event: frame.type, id: formatLogCursor(cursor), json: JSON.stringify(frame.data) });
  const encoded = Buffer.from(sse);
  encodedFrames.set(frame, encoded);
  return encoded;
}
