/**
 * A real server on real sockets (TCP and a Unix socket), with the bridge's own parts behind it. The store alone is in
 * memory, so that a test can move its edges.
 */

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { v7 } from "uuid";
import { AgentHooks } from "../../../bridge/agents/agentHooks.ts";
import type { AgentHookTimings } from "../../../bridge/agents/hookTimings.ts";
import { hookRoutes } from "../../../bridge/agents/routes.ts";
import { Approvals } from "../../../bridge/approvals/approvals.ts";
import { ApprovalLedger } from "../../../bridge/approvals/ledger.ts";
import { EmbeddedBus } from "../../../bridge/bus/embeddedBus.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { JobRunners } from "../../../bridge/http/jobRunners.ts";
import type { Route } from "../../../bridge/http/route.ts";
import { HttpServer } from "../../../bridge/http/server.ts";
import { FileLogStore } from "../../../bridge/logs/fileLogStore.ts";
import { LogEnds } from "../../../bridge/logs/logEnds.ts";
import { Metrics } from "../../../bridge/metrics/metrics.ts";
import { Projection } from "../../../bridge/projection/projection.ts";
import { ruleRoutes } from "../../../bridge/rules/routes.ts";
import { Rules } from "../../../bridge/rules/rules.ts";
import { RulesFile } from "../../../bridge/rules/rulesFile.ts";
import type { OutletLimits } from "../../../bridge/stream/outlet.ts";
import { StreamHub } from "../../../bridge/stream/streamHub.ts";
import type { Health } from "../../../shared/protocol/health.ts";
import { MemoryStore } from "../../fakes/memoryStore.ts";

export const TOKEN = "test-token-0123456789";

export interface TestServerOptions {
  readonly store?: MemoryStore;
  readonly heartbeatIntervalMs?: number;
  readonly limits?: OutletLimits;
  readonly extraRoutes?: readonly Route[];
  readonly health?: Partial<Health>;
  readonly pingIntervalMs?: number;
  readonly hookTimings?: Partial<AgentHookTimings>;
  /** Where hooks leave what they could not deliver; a folder of the server's own when absent. */
  readonly hookSpool?: string;
}

export async function startTestServer(options: TestServerOptions = {}) {
  const store = options.store ?? new MemoryStore();
  const jobs = new JobRunners();
  const metrics = new Metrics({ version: "0.0.0-test" });
  const logLines: string[] = [];
  const log = createLogger({ write: (line) => logLines.push(line), nowMs: Date.now, secrets: [TOKEN] });
  const folder = await mkdtemp(join(tmpdir(), "tv-"));
  const ledger = new ApprovalLedger();
  const bus = new EmbeddedBus({ onAppendFailed: () => undefined, store, admit: ledger.admit, log });
  await bus.start();
  const projection = new Projection({ store, bus, log });
  await projection.start();
  ledger.reset(projection.state);
  const logs = new FileLogStore({ directory: join(folder, "logs"), log });
  await logs.start();
  const logEnds = new LogEnds({ bus, projection, logs });
  logEnds.start();
  const rulesFile = new RulesFile(join(folder, "rules.json"));
  const rules = new Rules({
    file: rulesFile,
    source: { component: "bridge", instance_id: "test" },
    surroundings: { home: join(folder, "home"), dataDir: folder },
    state: () => projection.state,
    nowMs: Date.now,
    log,
  });
  const approvals = new Approvals({ bus, projection, newEventId: v7, nowMs: Date.now, instanceId: "test", rules, log });
  bus.subscribe("*", (batch) => metrics.countEvents(batch));
  const streamHub = new StreamHub({
    store,
    bus,
    metrics,
    log,
    closeGraceMs: 200,
    ...(options.heartbeatIntervalMs === undefined ? {} : { heartbeatIntervalMs: options.heartbeatIntervalMs }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  streamHub.start();
  const agentHooks = new AgentHooks({
    ingest: () => http.ingest,
    store,
    projection,
    approvals,
    logs,
    spoolDirectory: options.hookSpool ?? join(folder, "hooks"),
    // Long enough for a question to be told before its call is answered, however busy the machine is.
    timings: { transcriptWaitMs: 50, promptMs: 60_000, ...options.hookTimings },
    nowMs: Date.now,
    log,
  });
  const http = new HttpServer({
    bus,
    store,
    projection,
    approvals,
    logs,
    streamHub,
    jobs,
    metrics,
    rules,
    health: () => healthOf(store, options.health),
    token: TOKEN,
    instanceId: "test",
    log,
    extraRoutes: [...hookRoutes(agentHooks), ...ruleRoutes(rules), ...(options.extraRoutes ?? [])],
    ...(options.pingIntervalMs === undefined ? {} : { pingIntervalMs: options.pingIntervalMs }),
  });

  await agentHooks.start();
  const socketPath = join(folder, "bridge.sock");
  const tcp = createServer();
  const local = createServer();
  http.attach(tcp);
  http.attach(local);
  await Promise.all([listening(tcp, { host: "127.0.0.1", port: 0 }), listening(local, { path: socketPath })]);
  const { port } = tcp.address() as AddressInfo;

  return {
    store,
    bus,
    logs,
    jobs,
    metrics,
    streamHub,
    http,
    rulesFile,
    projection,
    approvals,
    agentHooks,
    logLines,
    port,
    socketPath,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      tcp.close();
      local.close();
      await agentHooks.stop();
      await http.stop();
      logEnds.stop();
      await projection.stop();
      await bus.stop();
      await logs.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Record<string, unknown>;
}

/** Sends a request with the token, unless its headers say otherwise (an empty one is left out). */
export function send(server: Pick<TestServer, "url">, { method = "GET", path, headers = {}, body }: Sent) {
  return new Promise<Received>((resolve, reject) => {
    const all = { Authorization: `Bearer ${TOKEN}`, ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
    const { hostname, port } = new URL(server.url);
    // Not as a URL: that would resolve the dots of path-like paths before they are sent.
    const outgoing = request({ hostname, port, path, method, headers: sent, agent: false });
    let isAnswered = false;
    outgoing.on("error", (error) => {
      if (!isAnswered) reject(error);
    });
    outgoing.on("response", (response) => {
      isAnswered = true;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        const isJson = /json/.test(response.headers["content-type"] ?? "");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson && text !== "" ? JSON.parse(text) : {},
        });
      });
    });
    outgoing.end(body);
  });
}

export function postEvents(server: Pick<TestServer, "url">, events: unknown): Promise<Received> {
  return send(server, {
    method: "POST",
    path: "/v1/events",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(events),
  });
}

/** A valid event; `count` tells several apart. */
export function progress(count: number, extra: Readonly<Record<string, unknown>> = {}) {
  return { event_type: "job.progress", project_id: "p", job_id: "j", data: { message: "step", count }, ...extra };
}

async function listening(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  server.listen(where);
  await once(server, "listening");
}

function healthOf(store: MemoryStore, extra: Partial<Health> = {}): Health {
  return {
    status: "healthy",
    queue_size: 0,
    handlers_registered: 2,
    version: "0.0.0-test",
    protocol: 1,
    instance_id: "test",
    pid: 1,
    started_at: "2026-11-23T00:00:00.000Z",
    store: store.health(),
    bus: { kind: "embedded", state: "connected", away_since: null, waiting: 0 },
    telegram: { state: "off", detail: null, paired_chats: 0, queued_messages: 0 },
    running_jobs: 0,
    pending_approvals: 0,
    streams: 0,
    warnings: [],
    ...extra,
  };
}
