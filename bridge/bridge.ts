/**
 * Composes the bridge: makes every part and hands each what it needs, starts them in the order in which an event passes
 * them, and stops them in the reverse. The caller holds the lock of the data directory.
 */
import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { v7 as newEventId } from "uuid";
import { paths } from "../shared/client/dataPaths.ts";
import type { DiscoveryEntry } from "../shared/protocol/discovery.ts";
import type { Health, TelegramHealth } from "../shared/protocol/health.ts";
import { PROTOCOL_VERSION } from "../shared/protocol/version.ts";
import { AgentHooks } from "./agents/agentHooks.ts";
import { hookRoutes } from "./agents/routes.ts";
import { Approvals } from "./approvals/approvals.ts";
import { ApprovalExpiry } from "./approvals/expiry.ts";
import { ApprovalLedger } from "./approvals/ledger.ts";
import { EmbeddedBus } from "./bus/embeddedBus.ts";
import type { EventBus } from "./bus/eventBus.ts";
import { composeHealth } from "./diagnostics/health.ts";
import type { Logger } from "./diagnostics/logger.ts";
import { JobRunners } from "./http/jobRunners.ts";
import { HttpServer } from "./http/server.ts";
import { storeRoutes } from "./http/store.ts";
import { retentionRoutes } from "./http/storeRetention.ts";
import { listen } from "./lifecycle/listen.ts";
import { FileLogStore } from "./logs/fileLogStore.ts";
import { JobPlaces } from "./logs/jobPlaces.ts";
import { LogEnds } from "./logs/logEnds.ts";
import { Metrics } from "./metrics/metrics.ts";
import { Projection } from "./projection/projection.ts";
import { exportState, StateFile } from "./projection/stateFile.ts";
import { ruleRoutes } from "./rules/routes.ts";
import { Rules } from "./rules/rules.ts";
import { RulesFile } from "./rules/rulesFile.ts";
import { SessionRules } from "./rules/sessionRules.ts";
import { LocalStore } from "./store/localStore.ts";
import { Retention } from "./store/retention.ts";
import { RetentionSettingsFile } from "./store/retentionSettings.ts";
import { StreamHub } from "./stream/streamHub.ts";

export interface BridgeOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  readonly token: string;
  readonly version: string;
  /** The folder of the bundles: the store's worker and SQLite's WebAssembly are in it. */
  readonly assets: string;
  readonly retentionDays: number;
  /** Events a partition of the store holds before it is sealed; the store's own default when absent. */
  readonly partitionEvents?: number;
  /** Redis orders the events, when given; else this bridge does. */
  readonly redisUrl?: string;
  readonly telegram?: { readonly token: string; readonly apiRoot?: string };
  readonly log: Logger;
}

export interface Bridge {
  readonly entry: DiscoveryEntry;
  /** Sentences for the person who started it. */
  readonly warnings: readonly string[];
  /** Ways in for what runs inside the bridge's own process. */
  readonly bus: EventBus;
  readonly logs: FileLogStore;
  health(): Health;
  /** Lets what is in flight finish, tells the streams, and leaves nothing behind but the data. */
  stop(): Promise<void>;
}

const TELEGRAM_OFF: TelegramHealth = { state: "off", detail: null, paired_chats: 0, queued_messages: 0 };

/**
 * Starts a bridge. Resolves once it serves.
 *
 * @throws StoreVersionError, PortError, or what the file system says when the data directory cannot be used.
 */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { assets, log, token, version } = options;
  const {
    store: storeDirectory,
    logs: logsDirectory,
    root,
    retention: retentionFile,
    rules: rulesPath,
    state: stateFile,
    telegram: telegramFile,
    hookSpool: spoolDirectory,
  } = paths(options.dataDir);
  const instanceId = randomUUID();
  const startedAt = new Date().toISOString();
  const { socketPath } = paths(options.dataDir);

  const store = new LocalStore({
    directory: storeDirectory,
    workerFile: join(assets, "storeWorker.js"),
    wasmFile: join(assets, "sql-wasm.wasm"),
    ...(options.partitionEvents === undefined ? {} : { partition: { maxEvents: options.partitionEvents } }),
    log,
  });
  const ledger = new ApprovalLedger();
  const onAppendFailed = () => ledger.reset(projection.state);
  // Redis's client and Telegram's cost memory and time at the start, and most bridges need neither.
  const bus: EventBus =
    options.redisUrl === undefined
      ? new EmbeddedBus({ store, admit: ledger.admit, onAppendFailed, log })
      : new (await import("./bus/redis/redisBus.ts")).RedisBus({
          store,
          ledger,
          onAppendFailed,
          url: options.redisUrl,
          instanceId,
          outboxFile: join(root, "redis-outbox.ndjson"),
          log,
        });
  const projection = new Projection({ store, bus, file: new StateFile(stateFile), log });
  const rulesFile = new RulesFile(rulesPath);
  const rules = new Rules({
    file: rulesFile,
    source: { component: "bridge", instance_id: instanceId },
    surroundings: { home: homedir(), dataDir: root },
    state: () => projection.state,
    nowMs: Date.now,
    log,
  });
  const approvals = new Approvals({ bus, projection, newEventId, nowMs: Date.now, instanceId, rules, log });
  const state = () => projection.state;
  const sessionRules = new SessionRules({ bus, file: rulesFile, state, nowMs: Date.now, log });
  const expiry = new ApprovalExpiry({ approvals, projection, nowMs: Date.now, log });
  const logs = new FileLogStore({ directory: logsDirectory, log });
  const logEnds = new LogEnds({ bus, projection, logs });
  const metrics = new Metrics({ version });
  const streamHub = new StreamHub({ store, bus, metrics, log });
  const retention = new Retention({
    upkeep: () => store.upkeep,
    storeBytes: () => store.health().bytes,
    logs: new JobPlaces({ logs, store }),
    settings: new RetentionSettingsFile({ path: retentionFile, defaultDays: options.retentionDays }),
    log,
  });
  const telegram =
    options.telegram === undefined
      ? undefined
      : new (await import("./telegram/telegramService.ts")).TelegramService({
          ...options.telegram,
          file: telegramFile,
          bus,
          projection,
          approvals,
          logs,
          log,
        });

  const agentHooks = new AgentHooks({
    ingest: () => server.ingest,
    store,
    projection,
    approvals,
    logs,
    spoolDirectory,
    nowMs: Date.now,
    log,
  });

  const storeWarnings = () => [...store.warnings(), ...retention.warnings(), ...rulesFile.warnings()];
  const health = () =>
    composeHealth({
      version,
      instanceId,
      pid: process.pid,
      startedAt,
      store: store.health(),
      storeWarnings: storeWarnings(),
      bus: bus.status(),
      telegram: telegram?.status() ?? TELEGRAM_OFF,
      state: projection.state,
      streams: streamHub.readerCount,
    });
  const server = new HttpServer({
    bus,
    store,
    projection,
    approvals,
    logs,
    streamHub,
    jobs: new JobRunners(),
    metrics,
    rules,
    health,
    token,
    instanceId,
    allowedHosts: [options.host],
    extraRoutes: [
      ...retentionRoutes(retention),
      ...storeRoutes({
        store,
        retention,
        state: () => exportState(projection.state),
        logBytes: () => logs.bytes(),
        warnings: storeWarnings,
      }),
      ...(telegram?.routes() ?? []),
      ...ruleRoutes(rules),
      ...hookRoutes(agentHooks),
    ],
    log,
  });

  // What has started, to be stopped from the last one to the first.
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (let each = stops.pop(); each !== undefined; each = stops.pop()) await each();
  };
  const start = async () => {
    // The saved state needs no store to be read.
    const loading = projection.load();
    await store.start();
    stops.push(() => store.stop());
    await logs.start();
    stops.push(() => logs.stop());
    await loading;
    await projection.start();
    stops.push(() => projection.stop());
    ledger.reset(projection.state);
    bus.subscribe("*", (batch) => metrics.countEvents(batch));
    await bus.start();
    logEnds.start();
    sessionRules.start();
    stops.push(
      () => logEnds.stop(),
      () => sessionRules.stop(),
      () => bus.stop(),
    );
    streamHub.start();
    expiry.start();
    stops.push(
      () => expiry.stop(),
      () => server.stop(),
    );
    await agentHooks.start();
    stops.push(() => agentHooks.stop());
    await telegram?.start();
    stops.push(async () => telegram?.stop());
    const opened = await listen({
      socketPath,
      host: options.host,
      port: options.port,
      attach: (http) => server.attach(http),
    });
    stops.push(() => opened.close());
    retention.start();
    stops.push(() => retention.stop());
    return opened;
  };
  const listening = await start().catch(async (error: unknown) => {
    // A store or a bot that went on would keep a process alive that serves nobody, and hold what the next bridge needs.
    await stop();
    throw error;
  });

  const entry: DiscoveryEntry = {
    schema: 1,
    instance_id: instanceId,
    pid: process.pid,
    version,
    protocol: PROTOCOL_VERSION,
    socket: listening.socketPath,
    url: listening.url,
    token,
    started_at: startedAt,
    data_dir: root,
  };
  return { entry, warnings: listening.warnings, bus, logs, health, stop };
}
