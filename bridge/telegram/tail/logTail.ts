/** Owns one followed log: a message that is sent once and then edited, never more often than the chat can bear. */
import type { Logger } from "../../diagnostics/logger.ts";
import type { LogStore } from "../../logs/logStore.ts";
import type { Clock } from "../api/clock.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { tailIntervalMs } from "./tailInterval.ts";
import { FINAL_LINES, keepLines, LIVE_LINES, tailMessage } from "./tailMessage.ts";

export interface LogTailOptions {
  readonly logs: Pick<LogStore, "follow">;
  readonly outbox: Pick<Outbox, "send" | "edit">;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface TailRequest {
  readonly chatId: number;
  readonly threadId: number | undefined;
  readonly jobId: string;
  /** What is followed, for the heading. */
  readonly name: string;
  /** How many of the lines that are there already. */
  readonly lines: number;
}

/** Nobody looks at a message that long, and it costs the chat's budget. */
const LONGEST_MS = 30 * 60_000;
/** How long a log that may be empty is waited for before its message is sent. */
const FIRST_LOOK_MS = 300;

/** How a log's following ended. */
type Ending = { readonly kind: "running" } | { readonly kind: "ended" };

export class LogTail {
  readonly #options: LogTailOptions;
  readonly #request: TailRequest;
  readonly #stopping = new AbortController();
  #lines: readonly string[] = [];
  #ending: Ending = { kind: "running" };
  /** Ends the wait for something to draw. */
  #wake: (() => void) | undefined;
  #footer = "Following. /stop ends it.";

  constructor(request: TailRequest, options: LogTailOptions) {
    this.#request = request;
    this.#options = options;
  }

  /** Follows until the job ends, somebody stops it, or half an hour is over. */
  async run(): Promise<void> {
    const { clock, outbox, log } = this.#options;
    const { chatId, threadId } = this.#request;
    const expiry = new AbortController();
    void clock.wait(LONGEST_MS, expiry.signal).then(() => this.stop("Stopped after half an hour. /tail goes on."));
    const reading = this.#read();
    try {
      // What is there comes at once; one look is given to it before the message is sent.
      await this.#change(FIRST_LOOK_MS);
      const first = this.#message();
      const sent = await outbox.send(chatId, first, { priority: "reply", threadId });
      await this.#draw(sent.messageId, first.text);
    } catch (error) {
      // The message was deleted, or the chat is lost: there is nothing to draw on.
      log.debug("A followed log could not be shown", { chat: chatId, error });
    } finally {
      expiry.abort();
      this.#stopping.abort();
      await reading;
    }
  }

  /** @param why it ends, for whoever looks at the message. */
  stop(why: string): void {
    if (this.#ending.kind === "running" && !this.#stopping.signal.aborted) this.#footer = why;
    this.#stopping.abort();
    this.#wake?.();
  }

  async #draw(messageId: number, first: string): Promise<void> {
    const { clock, outbox } = this.#options;
    const { chatId } = this.#request;
    let shown = first;
    while (!this.#isOver) {
      // The interval runs from when the last change was made, so that a slow network makes it slower, not denser.
      await clock.wait(tailIntervalMs(chatId), this.#stopping.signal);
      if (this.#message().text === shown && !this.#isOver) await this.#change();
      if (this.#isOver) break;
      const message = this.#message();
      shown = message.text;
      await outbox.edit({ chatId, messageId, priority: "tail" }, message);
    }
    const last = this.#message();
    if (last.text !== shown) await outbox.edit({ chatId, messageId, priority: "reply" }, last);
  }

  get #isOver(): boolean {
    return this.#stopping.signal.aborted || this.#ending.kind === "ended";
  }

  #message() {
    const { name } = this.#request;
    if (this.#ending.kind === "ended") {
      return tailMessage(`Logs for ${name} (complete):`, this.#lines.slice(-FINAL_LINES), this.#footer);
    }
    return tailMessage(`Logs for ${name}:`, this.#lines.slice(-LIVE_LINES), this.#footer);
  }

  async #read(): Promise<void> {
    const { logs, log } = this.#options;
    const { jobId, lines } = this.#request;
    try {
      for await (const frame of logs.follow(jobId, { lines }, this.#stopping.signal)) {
        if (frame.type === "log.lines") this.#lines = keepLines(this.#lines, frame.data.lines);
        if (frame.type === "log.reset") this.#lines = [];
        if (frame.type === "log.end") this.#end(frame.data.job_state);
        this.#wake?.();
      }
      // The log store stops, or we do.
      if (this.#ending.kind === "running") this.stop("Stopped: the bridge stops.");
    } catch (error) {
      log.warn("A log could not be followed", { jobId, error });
      this.stop("Stopped: the log could not be read.");
    }
  }

  #end(state: string): void {
    this.#ending = { kind: "ended" };
    this.#footer = `The job has ended: ${state}.`;
  }

  /** Until there is something new, or an end; at most so long. */
  async #change(patienceMs = Number.POSITIVE_INFINITY): Promise<void> {
    const patience = new AbortController();
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([changed, this.#options.clock.wait(patienceMs, patience.signal)]);
    this.#wake = undefined;
    patience.abort();
  }
}
