/**
 * Owns producers that never give up: each sends its events in order, again and again until it has an answer, and hands
 * over every acknowledgement at the moment it reads it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Acknowledgement, PublishedEvent } from "./acknowledgement.ts";
import type { SeededRandom } from "./seededRandom.ts";

export interface PublisherOptions {
  readonly publisher: string;
  /** Where the bridge listens now (`http://host:port`); undefined while there is none. */
  readonly address: () => string | undefined;
  readonly token: string;
  readonly random: SeededRandom;
  /** Longest pause between two sends. */
  readonly maxPauseMs: number;
  /** Makes its n-th event. */
  readonly makeEvent: (publisher: string, count: number) => PublishedEvent;
  /** What is sent instead of an event that got no answer: itself, or another of the same number. */
  readonly again: (event: PublishedEvent, count: number) => PublishedEvent;
  readonly onAcknowledged: (acknowledgement: Acknowledgement) => void;
  /** Ends it once what it has sent is acknowledged. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 15;
const MAX_BATCH = 4;
/** Messages on their way at once over one WebSocket. */
const WINDOW = 8;

/** One batch after the other. */
export async function publishOverHttp(options: PublisherOptions): Promise<void> {
  const { publisher, random, makeEvent, onAcknowledged, signal } = options;
  for (let count = 0; !signal.aborted; ) {
    const first = count;
    let events = Array.from({ length: random.integer(1, MAX_BATCH) }, (_, index) =>
      makeEvent(publisher, first + index),
    );
    const seqs = await untilAnswered(
      () => post(options, events),
      () => {
        events = events.map((event, index) => options.again(event, first + index));
      },
    );
    for (const [index, event] of events.entries()) {
      const seq = seqs[index];
      if (seq !== undefined) onAcknowledged({ publisher, count: count + index, seq, event });
    }
    count += events.length;
    await delay(random.integer(0, options.maxPauseMs));
  }
}

/** Several on their way at once; a new connection begins with those that have no answer. */
export async function publishOverWebSocket(options: PublisherOptions): Promise<void> {
  const { publisher, random, makeEvent, signal } = options;
  const unanswered = new Map<number, PublishedEvent>();
  let count = 0;
  while (!signal.aborted || unanswered.size > 0) {
    const address = options.address();
    if (address === undefined) {
      await delay(RETRY_MS);
      continue;
    }
    const socket = new WebSocket(`${address}/v1/ws`, { headers: { Authorization: `Bearer ${options.token}` } });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    // A killed bridge is the point of this: every error ends in a close.
    socket.on("error", () => undefined);
    socket.on("message", (data) => answer(String(data), unanswered, options));
    await Promise.race([closed, new Promise<void>((resolve) => socket.once("open", () => resolve()))]);
    for (const [number, event] of unanswered) unanswered.set(number, options.again(event, number));
    for (const [number, event] of unanswered) send(socket, number, event);
    while (socket.readyState === WebSocket.OPEN && !(signal.aborted && unanswered.size === 0)) {
      if (!signal.aborted && unanswered.size < WINDOW) {
        const event = makeEvent(publisher, count);
        unanswered.set(count, event);
        send(socket, count, event);
        count++;
      }
      await delay(random.integer(0, options.maxPauseMs));
    }
    socket.terminate();
    await closed;
    await delay(RETRY_MS);
  }
}

function send(socket: WebSocket, count: number, event: PublishedEvent): void {
  if (socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ op: "publish", id: String(count), events: [event] }));
  }
}

function answer(data: string, unanswered: Map<number, PublishedEvent>, options: PublisherOptions): void {
  const message: { op?: unknown; id?: unknown; results?: { seq?: unknown }[] } = JSON.parse(data);
  const count = Number(message.id);
  const event = unanswered.get(count);
  const seq = message.results?.[0]?.seq;
  // Anything else is a refusal: it is sent again on the next connection.
  if (message.op !== "published" || event === undefined || typeof seq !== "number") return;
  unanswered.delete(count);
  options.onAcknowledged({ publisher: options.publisher, count, seq, event });
}

async function post({ address, token }: PublisherOptions, events: readonly PublishedEvent[]): Promise<number[]> {
  const url = address();
  if (url === undefined) throw new Error("there is no bridge");
  const response = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(events),
  });
  const answered: { results?: { seq?: unknown }[] } = JSON.parse(await response.text());
  const seqs = (answered.results ?? []).map(({ seq }) => Number(seq));
  if (!response.ok || seqs.length !== events.length) throw new Error(`the bridge answered ${response.status}`);
  return seqs;
}

async function untilAnswered<T>(attempt: () => Promise<T>, onUnanswered: () => void): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      // Dead, or on its way up: what is not acknowledged is sent again.
      onUnanswered();
      await delay(RETRY_MS);
    }
  }
}
