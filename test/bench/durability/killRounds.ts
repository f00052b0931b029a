/**
 * Owns the proof that `kill -9` costs nothing that was acknowledged: a real bridge under load from several producers is
 * killed again and again, and after each kill a program of its own compares the dead bridge's files with the
 * acknowledgements. At the end the readers' histories are judged.
 */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { v7 as newEventId } from "uuid";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { bundle } from "../../support/bundle.ts";
import { eventually } from "../../support/eventually.ts";
import type { Acknowledgement, PublishedEvent } from "./acknowledgement.ts";
import { HistoryRecorder } from "./historyRecorder.ts";
import { validateHistory } from "./historyValidators.ts";
import { KilledBridge } from "./killedBridge.ts";
import { chooseKillMoment, killMoment } from "./killMoment.ts";
import { type PublisherOptions, publishOverHttp, publishOverWebSocket } from "./publishers.ts";
import { seededRandom } from "./seededRandom.ts";
import type { HistoryEntry, TrueEvent, Violation } from "./streamHistory.ts";
import type { Verdict } from "./verifyProgram.ts";

export interface KillRoundsOptions {
  readonly rounds: number;
  /** The same seed kills at the same moments, as far as clocks and disks play along. */
  readonly seed: number;
  /** Told after each round. */
  readonly onRound?: (round: number, figures: KillFigures) => void;
}

export interface KillFigures {
  readonly seed: number;
  readonly rounds: number;
  readonly acknowledged: number;
  /** Events that a dead bridge's files were seen to hold, over all rounds. */
  readonly onDisk: number;
  readonly removedByRetention: number;
  readonly streamed: number;
  readonly reconnects: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** What the kills left behind, and how often. */
  readonly traces: Readonly<Record<string, number>>;
  /** Every broken promise; all of the above and others. */
  readonly violations: readonly Violation[];
}

const TOKEN = "a-token-of-the-kill-rounds-and-of-nothing-else";
const DAY_MS = 86_400_000;
/** Most events are too old to be kept when they come: retention removes, thins and merges at every start. */
const OLD_MS = 4 * DAY_MS;
/** Longest pauses between two sends: what is kept must stay small enough to be read after every round. */
const MAX_PAUSE_MS = 8;
const MAX_PAUSE_OF_KEPT_MS = 50;
const PUBLISHERS = [
  { name: "http-0", publish: publishOverHttp, isKept: true },
  { name: "http-1", publish: publishOverHttp, isKept: false },
  { name: "http-2", publish: publishOverHttp, isKept: false },
  { name: "ws-0", publish: publishOverWebSocket, isKept: true },
  { name: "ws-1", publish: publishOverWebSocket, isKept: false },
] as const;
const BRIDGE_ARGS = ["--partition-events", "60", "--retention-days", "1"];
const MAX_VERDICT_BYTES = 256 * 1024 * 1024;

const READERS: readonly { reader: string; filter: string; sees: (event: PublishedEvent) => boolean }[] = [
  { reader: "all events", filter: "", sees: () => true },
  { reader: "one job", filter: "&job_id=http-0", sees: (event) => event["job_id"] === "http-0" },
  { reader: "a rare type", filter: "&type=job.started", sees: (event) => event["event_type"] === "job.started" },
];

export async function killRounds({ rounds, seed, onRound }: KillRoundsOptions): Promise<KillFigures> {
  await using folder = await temporaryFolder();
  const run = new KillRun(folder.path, seed);
  try {
    for (let round = 1; round <= rounds; round++) {
      await run.round();
      onRound?.(round, run.figures());
    }
    await run.finish();
    return run.figures();
  } finally {
    await run.end();
  }
}

class KillRun {
  readonly #store: string;
  readonly #dataDir: string;
  readonly #seed: number;
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #verifier: string;
  readonly #acknowledgementFile: string;
  readonly #published = new Map<string, PublishedEvent>();
  /** Those that may still be on disk. */
  #acknowledged: Acknowledgement[] = [];
  #acknowledgedCount = 0;
  readonly #truth = new Map<number, string>();
  readonly #violations: Violation[] = [];
  readonly #traces = new Map<string, number>();
  readonly #publishing = new AbortController();
  readonly #reading = new AbortController();
  readonly #histories: HistoryRecorder[];
  readonly #activities: Promise<void>[];
  #bridge: KilledBridge | undefined;
  #epoch: string | undefined;
  #firstSeq = 1;
  /** What retention has removed of, as the dead bridges' files say. */
  readonly #thinned: { readonly from: number; readonly to: number }[] = [];
  /** What the last verdict found on disk. */
  #retained: ReadonlySet<number> = new Set();
  #rounds = 0;

  constructor(home: string, seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#dataDir = join(home, "d");
    this.#store = join(this.#dataDir, "store");
    // There before the bridge makes them, so that they can be watched.
    for (const name of ["journal", "partitions"]) mkdirSync(join(this.#store, name), { recursive: true, mode: 0o700 });
    this.#verifier = bundle("test/bench/durability/verifyProgram.ts", join(home, "verifyProgram.cjs"));
    this.#acknowledgementFile = join(home, "acknowledged.ndjson");
    const address = () => this.#bridge?.address;
    const signal = this.#reading.signal;
    this.#histories = READERS.map((reader) => new HistoryRecorder({ ...reader, address, token: TOKEN, signal }));
    this.#activities = [...PUBLISHERS.map(({ name, publish, isKept }) => publish(this.#publisher(name, isKept)))];
    for (const history of this.#histories) this.#activities.push(history.run());
  }

  async round(): Promise<void> {
    const moment = chooseKillMoment(this.#random);
    this.#bridge = new KilledBridge(this.#dataDir, TOKEN, BRIDGE_ARGS);
    await killMoment(moment, this.#store, () => this.#acknowledgedCount);
    const wasKilled = !this.#bridge.hasEnded;
    await this.#bridge.end("SIGKILL");
    if (!wasKilled) this.#note("alive", `the bridge ended by itself: ${this.#bridge.output}`);
    if (/damaged|are lost/.test(this.#bridge.output)) {
      this.#note("quiet", `a kill was taken for damage: ${this.#bridge.output}`);
    }
    this.#rounds++;
    await this.#verify();
  }

  /** One last life: everybody gets their answers, and the interface is asked for everything. */
  async finish(): Promise<void> {
    const bridge = new KilledBridge(this.#dataDir, TOKEN, BRIDGE_ARGS);
    this.#bridge = bridge;
    await eventually("the bridge is ready", () => bridge.address !== undefined);
    this.#publishing.abort();
    await Promise.all(this.#activities.slice(0, -this.#histories.length));
    const served = await this.#readAll();
    const lastSeq = served.at(-1)?.seq ?? 0;
    const reader = this.#histories[0];
    await eventually("the reader of everything is there", () => (reader?.lastSeq ?? 0) >= lastSeq);
    this.#reading.abort();
    await Promise.all(this.#activities);
    const code = await bridge.end("SIGTERM");
    if (code !== 0) this.#note("alive", `the bridge stopped with ${code}: ${bridge.output}`);
    await this.#verify();
    for (const { seq, eventId } of served) {
      if (this.#truth.get(seq) !== eventId) this.#note("served", `${seq} (${eventId}) was served and is not on disk`);
    }
    const seqs = new Set(served.map(({ seq }) => seq));
    for (const seq of this.#retained) {
      if (seq >= this.#firstSeq && !seqs.has(seq)) this.#note("served", `${seq} is on disk and was not served`);
    }
    this.#judge();
  }

  async end(): Promise<void> {
    this.#publishing.abort();
    this.#reading.abort();
    await this.#bridge?.end("SIGKILL");
  }

  figures(): KillFigures {
    const broken = (...rules: string[]) => this.#violations.filter(({ rule }) => rules.includes(rule)).length;
    return {
      seed: this.#seed,
      rounds: this.#rounds,
      acknowledged: this.#acknowledgedCount,
      onDisk: this.#truth.size,
      removedByRetention: this.#truth.size - this.#retained.size,
      streamed: this.#histories.reduce(
        (sum, { entries }) => sum + entries.filter(({ kind }) => kind === "event").length,
        0,
      ),
      reconnects: this.#histories.reduce(
        (sum, { entries }) => sum + entries.filter(({ kind }) => kind === "connected").length,
        0,
      ),
      lost: broken("lost", "reliable", "resumable", "bookmarkable", "durable", "unbroken", "changed", "served"),
      doubled: broken("doubled", "unique"),
      outOfOrder: broken("order", "ordered"),
      traces: Object.fromEntries([...this.#traces].sort()),
      violations: this.#violations,
    };
  }

  #publisher(publisher: string, isKept: boolean): PublisherOptions {
    return {
      publisher,
      address: () => this.#bridge?.address,
      token: TOKEN,
      random: this.#random.fork(publisher),
      maxPauseMs: isKept ? MAX_PAUSE_OF_KEPT_MS : MAX_PAUSE_MS,
      makeEvent: (name, count) => this.#makeEvent(name, count, isKept),
      // What retention has removed is forgotten with its id: sent again it would be another event.
      again: (event, count) => (isOld(event) ? this.#makeEvent(publisher, count, isKept) : event),
      onAcknowledged: (acknowledgement) => {
        this.#acknowledged.push(acknowledgement);
        this.#acknowledgedCount++;
      },
      signal: this.#publishing.signal,
    };
  }

  #makeEvent(publisher: string, count: number, isKept: boolean): PublishedEvent {
    const event = {
      event_id: newEventId(),
      event_type: count % 40 === 0 ? "job.started" : "job.progress",
      timestamp: new Date(Date.now() - (isKept ? 0 : OLD_MS)).toISOString(),
      source: { component: "kill-rounds", instance_id: publisher },
      project_id: "kill-rounds",
      session_id: null,
      job_id: publisher,
      data: count % 40 === 0 ? { instruction: `step ${count}` } : { message: `step ${count} \u{1f680}`, count },
    };
    this.#published.set(event.event_id, event);
    return event;
  }

  async #verify(): Promise<void> {
    const removableBefore = new Date(Date.now() - 2 * DAY_MS).toISOString();
    const lines = this.#acknowledged.map((acknowledgement) => `${JSON.stringify(acknowledgement)}\n`);
    writeFileSync(this.#acknowledgementFile, lines.join(""));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [this.#verifier, this.#store, this.#acknowledgementFile, removableBefore],
      { maxBuffer: MAX_VERDICT_BYTES },
    );
    const verdict: Verdict = JSON.parse(stdout);
    for (const { rule, message } of verdict.violations) this.#note(rule, message);
    for (const trace of new Set(verdict.traces)) this.#traces.set(trace, (this.#traces.get(trace) ?? 0) + 1);
    for (const event of verdict.events) this.#remember(event);
    if (verdict.epoch !== "" && verdict.epoch !== (this.#epoch ?? verdict.epoch)) {
      this.#note("epoch", `the store's epoch was ${this.#epoch} and is ${verdict.epoch}`);
    }
    this.#epoch ??= verdict.epoch === "" ? undefined : verdict.epoch;
    this.#firstSeq = verdict.firstSeq;
    this.#thinned.push(...verdict.thinned);
    this.#retained = new Set(verdict.events.map(({ seq }) => seq));
    // What was removed in its time has been judged.
    this.#acknowledged = this.#acknowledged.filter(({ seq }) => this.#retained.has(seq));
  }

  #remember({ seq, eventId }: TrueEvent): void {
    const known = this.#truth.get(seq);
    if (known !== undefined && known !== eventId) this.#note("doubled", `${seq} was ${known} and is ${eventId}`);
    if (!this.#published.has(eventId)) this.#note("durable", `${seq} (${eventId}) was never published`);
    this.#truth.set(seq, eventId);
  }

  /**
   * Events that retention removed in the very life in which they were published: no verdict has seen them. They count as
   * having been there when the files say that something of their place is gone, and when they were too old to stay.
   */
  #rememberRemoved(): void {
    for (const entry of this.#histories.flatMap(({ entries }) => entries)) {
      if (entry.kind !== "event" || this.#truth.has(entry.seq)) continue;
      const { seq, eventId } = entry;
      const event = this.#published.get(eventId);
      const isAnnounced = seq < this.#firstSeq || this.#thinned.some(({ from, to }) => from <= seq && seq <= to);
      if (event !== undefined && isOld(event) && isAnnounced) this.#truth.set(seq, eventId);
    }
  }

  #judge(): void {
    this.#rememberRemoved();
    const truth = [...this.#truth].map(([seq, eventId]) => ({ seq, eventId })).sort((a, b) => a.seq - b.seq);
    const seqById = new Map(truth.map(({ seq, eventId }) => [eventId, seq]));
    if (seqById.size !== truth.length) {
      this.#note("doubled", `${truth.length - seqById.size} events have two numbers`);
    }
    for (const [index, history] of this.#histories.entries()) {
      const sees = READERS[index]?.sees ?? (() => true);
      const visible = truth.filter(({ eventId }) => {
        const event = this.#published.get(eventId);
        return event !== undefined && sees(event);
      });
      const entries = history.entries.flatMap((entry) => this.#narrowed(entry));
      this.#violations.push(...validateHistory({ reader: history.reader, entries }, visible));
      for (const entry of history.entries) {
        if (entry.kind !== "gap" || (entry.reason === "retention" && this.#areOld(entry))) continue;
        this.#note("reliable", `${history.reader} was told of a gap: ${JSON.stringify(entry)}`);
      }
    }
  }

  async #readAll(): Promise<TrueEvent[]> {
    const all: TrueEvent[] = [];
    for (;;) {
      const query = `order=asc&limit=1000&after=${all.at(-1)?.seq ?? 0}`;
      const response = await fetch(`${this.#bridge?.address}/v1/events?${query}`, {
        headers: { Authorization: `Bearer ${TOKEN}` },
      });
      const { events }: { events: { seq: number; event_id: string }[] } = JSON.parse(await response.text());
      if (events.length === 0) return all;
      all.push(...events.map(({ seq, event_id: eventId }) => ({ seq, eventId })));
    }
  }

  /** A stretch that retention has thinned is announced whole: only what is too old in it may be missing. */
  #narrowed(entry: HistoryEntry): HistoryEntry[] {
    if (entry.kind !== "gap" || entry.reason !== "retention") return [entry];
    const { from, to, reason } = entry;
    const gone: HistoryEntry[] = [];
    for (let seq = from; seq <= to; seq++) {
      const event = this.#published.get(this.#truth.get(seq) ?? "");
      if (event === undefined || isOld(event)) gone.push({ kind: "gap", from: seq, to: seq, reason });
    }
    return gone;
  }

  /** Whether retention may have removed something of this range. */
  #areOld({ from, to }: { readonly from: number; readonly to: number }): boolean {
    for (let seq = from; seq <= to; seq++) {
      const event = this.#published.get(this.#truth.get(seq) ?? "");
      if (event !== undefined && isOld(event)) return true;
    }
    return false;
  }

  #note(rule: string, message: string): void {
    // What is wrong once is found again after every later round.
    if (this.#violations.some((known) => known.message === message)) return;
    this.#violations.push({ rule, message });
  }
}

function isOld({ timestamp }: PublishedEvent): boolean {
  return Date.parse(timestamp) < Date.now() - 2 * DAY_MS;
}
