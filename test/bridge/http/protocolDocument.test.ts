/** Keeps docs/protocol.md true: its limits, problems, metrics and paths are the code's own. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { MAX_WAIT_SECONDS } from "../../../bridge/http/approvals.ts";
import { MAX_EVENT_DEPTH } from "../../../bridge/http/ingest.ts";
import { DEFAULT_LOG_LINES, MAX_LOG_LINES } from "../../../bridge/http/jobLog.ts";
import { MAX_STREAMS_PER_SOCKET } from "../../../bridge/http/webSocketConnection.ts";
import { PING_INTERVAL_MS } from "../../../bridge/http/webSocketEndpoint.ts";
import { DEFAULT_LOG_BOUNDS } from "../../../bridge/logs/fileLogStore.ts";
import { MAX_PROJECT_LABELS } from "../../../bridge/metrics/boundedLabels.ts";
import { OUTLET_LIMITS } from "../../../bridge/stream/outlet.ts";
import { MAX_IDENTIFIER_LENGTH, MAX_JOB_ID_LENGTH } from "../../../shared/events/identifier.ts";
import { MAX_EVENT_BYTES } from "../../../shared/events/parse.ts";
import { MAX_FILTER_VALUES } from "../../../shared/protocol/filter.ts";
import { PROBLEMS } from "../../../shared/protocol/problem.ts";
import {
  CURSOR_EVERY_EVENTS,
  DEFAULT_QUERY_LIMIT,
  HEARTBEAT_INTERVAL_MS,
  MAX_BATCH_EVENTS,
  MAX_BODY_BYTES,
  MAX_QUERY_LIMIT,
} from "../../../shared/protocol/version.ts";
import { send, startTestServer } from "./testServer.ts";

const text = readFileSync(resolve(import.meta.dirname, "../../../docs/protocol.md"), "utf8");

/** The rows of the tables in one chapter, cells without their back quotes. */
function rows(chapter: string): string[][] {
  const body = text.split(`\n## ${chapter}\n`)[1]?.split("\n## ")[0] ?? "";
  return body
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

const seconds = (milliseconds: number) => `${milliseconds / 1000} s`;
const number = (value: number) => value.toLocaleString("en-US");
const bytes = (value: number) => `${number(value)} bytes`;

describe("docs/protocol.md", () => {
  it("has the limits of the code", () => {
    expect(rows("Limits").slice(1)).toEqual([
      ["Request body, log chunk, WebSocket frame", bytes(MAX_BODY_BYTES)],
      ["Events in one publish", number(MAX_BATCH_EVENTS)],
      ["One event, as JSON", bytes(MAX_EVENT_BYTES)],
      ["Nesting of an event", `${MAX_EVENT_DEPTH} levels`],
      ["Events in one answer: by default", number(DEFAULT_QUERY_LIMIT)],
      ["Events in one answer: at most", number(MAX_QUERY_LIMIT)],
      ["Values of one filter", number(MAX_FILTER_VALUES)],
      ["Log lines: by default", number(DEFAULT_LOG_LINES)],
      ["Log lines: at most", number(MAX_LOG_LINES)],
      ["One log, about", bytes(DEFAULT_LOG_BOUNDS.maxBytes)],
      ["Project, session and approval id", `${MAX_IDENTIFIER_LENGTH} characters`],
      ["Job id", `${MAX_JOB_ID_LENGTH} characters`],
      ["Wait for a decision", `${MAX_WAIT_SECONDS} s`],
      ["Subscriptions and tails on one WebSocket", number(MAX_STREAMS_PER_SOCKET)],
      ["Quiet stream until a stream.cursor", seconds(HEARTBEAT_INTERVAL_MS)],
      ["Events left out until a stream.cursor", number(CURSOR_EVERY_EVENTS)],
      ["Waiting for a reader before it is cut off: bytes", bytes(OUTLET_LIMITS.maxQueuedBytes)],
      ["Waiting for a reader before it is cut off: events", number(OUTLET_LIMITS.maxQueuedEvents)],
      ["Reader that takes nothing before it is cut off", seconds(OUTLET_LIMITS.stallTimeoutMs)],
      ["WebSocket ping", seconds(PING_INTERVAL_MS)],
      ["Projects with a metrics label of their own", number(MAX_PROJECT_LABELS)],
    ]);
  });

  it("has every problem, with its status", () => {
    const listed = rows("Problems").slice(1);
    expect(listed.map(([status, code]) => [Number(status), code])).toEqual(
      Object.entries(PROBLEMS).map(([code, { status }]) => [status, code]),
    );
  });

  it("has every metric of ours, with its labels", async () => {
    await using server = await startTestServer();
    const exported = (await send(server, { path: "/metrics" })).text.matchAll(/^# TYPE (televibe_\S+) /gm);
    const listed = rows("Health and metrics").slice(1);
    expect(listed.map(([name]) => name).sort()).toEqual([...exported].map(([, name]) => name).sort());
  });

  it("names paths that there are", async () => {
    await using server = await startTestServer();
    const named = [...text.matchAll(/^### `(GET|POST) (\/[^`?]*)/gm)].map(([, method = "", path = ""]) => ({
      method,
      path,
    }));
    expect(named.length).toBeGreaterThanOrEqual(10);
    for (const { method, path } of named) {
      const options = await send(server, { method: "OPTIONS", path: path.replaceAll(/\{\w+\}/g, "x") });
      expect(options.headers.allow, path).toContain(method);
    }
  });
});
