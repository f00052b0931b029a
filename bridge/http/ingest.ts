/** Owns the door for events, for HTTP and the WebSocket alike: everything is checked before anything is published. */
import type { Event } from "../../shared/events/event.ts";
import {
  type EventDefaults,
  type Issue,
  MAX_EVENT_BYTES,
  type ParseResult,
  parseEvent,
} from "../../shared/events/parse.ts";
import { isDeeperThan } from "../../shared/protocol/depth.ts";
import { type ProblemDocument, ProblemError, type ProblemIssue, problem } from "../../shared/protocol/problem.ts";
import type { PublishResult } from "../../shared/protocol/publish.ts";
import { MAX_BATCH_EVENTS } from "../../shared/protocol/version.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Rules } from "../rules/rules.ts";

/** Values nested deeper than this are refused: nobody needs them, and recursive readers would run out of stack. */
export const MAX_EVENT_DEPTH = 64;

/**
 * What comes in so few bytes is no event that is too large. As we write it, it can be longer than it came, but not by this
 * much: `1e20` grows to 21 digits, and what is left out of the envelope is filled in.
 */
const SURELY_SMALL_BYTES = MAX_EVENT_BYTES / 8;

/** Most issues that one answer lists. */
const MAX_ISSUES = 100;

export interface IngestOptions {
  readonly bus: Pick<EventBus, "publish">;
  readonly metrics: Metrics;
  readonly defaults: EventDefaults;
  /** Fills in which approval a decision is for. @throws ProblemError when it cannot be told. */
  readonly resolveDecision: (event: Event) => Event;
  /** The rules that approvals pass before anybody is asked. */
  readonly rules: Pick<Rules, "concerns" | "pass">;
}

/** A form in which events come in: how one becomes what a producer sends, and what the places in it are called there. */
export interface EventForm {
  read(input: unknown): ParseResult<unknown>;
  placeOf(path: string): string;
}

/** A batch of which nothing is published. */
export interface RefusedGroup {
  /** Counted from 0. */
  readonly group: number;
  readonly problem: ProblemDocument;
}

const OWN_FORM: EventForm = { read: (value) => ({ ok: true, value }), placeOf: (path) => path };

export class Ingest {
  readonly #options: IngestOptions;
  /** While questions pass the rules. */
  #passing: Promise<void> | undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  /**
   * Checks one event by itself; issues name places in it, such as `/data/scope`. `receivedBytes` is the size of all that
   * came with it.
   *
   * @throws ProblemError `invalid_event` or `event_too_large`.
   */
  checkOne(input: unknown, receivedBytes: number, form = OWN_FORM): Event {
    const { event, issues } = this.#check(input, "", receivedBytes, form);
    if (event === undefined) throw problem("invalid_event", `${describe(issues)} Nothing was published.`, { issues });
    return event;
  }

  /**
   * Checks a batch; issues name places in it, such as `/3/data/scope`.
   *
   * @throws ProblemError `invalid_event`, `event_too_large`, or `body_too_large` for too many.
   */
  checkMany(inputs: readonly unknown[], receivedBytes: number, form = OWN_FORM): readonly Event[] {
    checkCount(inputs.length);
    const checked = inputs.map((input, index) => this.#check(input, `/${index}`, receivedBytes, form));
    const wrong = checked.filter(({ event }) => event === undefined);
    if (wrong.length > 0) {
      const issues = wrong.flatMap((each) => each.issues).slice(0, MAX_ISSUES);
      throw problem(
        "invalid_event",
        `${wrong.length} of ${inputs.length} events do not fit their schema, so nothing was published. ${describe(issues)}`,
        { issues },
      );
    }
    return checked.flatMap(({ event }) => (event === undefined ? [] : [event]));
  }

  /**
   * Checks batches that came together, each by itself: what is wrong with one keeps none of the others from being taken.
   *
   * @throws ProblemError `body_too_large` for too many events.
   */
  checkGroups(
    groups: readonly (readonly unknown[])[],
    receivedBytes: number,
  ): { readonly accepted: readonly Event[]; readonly refused: readonly RefusedGroup[] } {
    checkCount(groups.reduce((sum, { length }) => sum + length, 0));
    const accepted: Event[] = [];
    const refused: RefusedGroup[] = [];
    for (const [group, inputs] of groups.entries()) {
      try {
        accepted.push(...this.checkMany(inputs, receivedBytes));
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        refused.push({ group, problem: error.document });
      }
    }
    return { accepted, refused };
  }

  /** Publishes checked events in their order; resolves when they are acknowledged. Calls keep their order as well. */
  async publish(events: readonly Event[]): Promise<readonly PublishResult[]> {
    if (events.length === 0) return [];
    const { metrics } = this.#options;
    const startMs = performance.now();
    const results = await this.#submit(events.map((event) => this.#resolve(event)));

    const outcomes = results.map(outcomeOf);
    for (const outcome of ["stored", "duplicate", "waiting", "refused"] as const) {
      const count = outcomes.filter((each) => each === outcome).length;
      if (count > 0) metrics.countIngested(outcome, count);
    }
    const stored = events.filter((_, index) => outcomes[index] === "stored");
    metrics.observePublish(
      (performance.now() - startMs) / 1000,
      stored.map(({ event_type }) => event_type),
    );
    return results;
  }

  /** Questions take a moment to pass the rules: what is published meanwhile waits, so that calls keep their order. */
  #submit(events: readonly Event[]): Promise<readonly PublishResult[]> {
    const { bus, rules } = this.#options;
    if (this.#passing === undefined && !events.some((event) => rules.concerns(event))) return bus.publish(events);
    const submitted = (this.#passing ?? Promise.resolve()).then(async () => {
      const passed = await Promise.all(events.map((event) => rules.pass(event)));
      // Not awaited here: the next call's turn is once this one is with the bus.
      return { passed, results: bus.publish(passed.flat()) };
    });
    const passing: Promise<void> = Promise.allSettled([submitted]).then(() => {
      if (this.#passing === passing) this.#passing = undefined;
    });
    this.#passing = passing;
    return submitted.then(async ({ passed, results }) => ownResults(passed, await results));
  }

  #check(
    input: unknown,
    path: string,
    receivedBytes: number,
    form: EventForm,
  ): { readonly event?: Event; readonly issues: readonly ProblemIssue[] } {
    if (isDeeperThan(input, MAX_EVENT_DEPTH)) {
      return { issues: [{ path, message: `must not be nested deeper than ${MAX_EVENT_DEPTH} levels` }] };
    }
    const under = (issues: readonly Issue[]) => issues.map((issue) => ({ ...issue, path: path + issue.path }));
    const read = form.read(input);
    if (!read.ok) return { issues: under(read.issues) };
    const parsed = parseEvent(read.value, this.#options.defaults);
    if (!parsed.ok) {
      return { issues: under(parsed.issues.map((issue) => ({ ...issue, path: form.placeOf(issue.path) }))) };
    }
    if (isOwnDecision(parsed.value)) {
      const message = "must be where a person or a program decided: rule and timeout are the bridge's own";
      return { issues: under([{ path: form.placeOf("/data/surface"), message }]) };
    }
    if (receivedBytes <= SURELY_SMALL_BYTES) return { event: parsed.value, issues: [] };
    const size = Buffer.byteLength(JSON.stringify(parsed.value));
    if (size > MAX_EVENT_BYTES) {
      const which = path === "" ? "The event" : `Event ${path}`;
      throw problem(
        "event_too_large",
        `${which} has ${size} bytes, and ${MAX_EVENT_BYTES} is the most. Put long texts into the job's log. Nothing was published.`,
        { issues: [{ path, message: `must have at most ${MAX_EVENT_BYTES} bytes` }] },
      );
    }
    return { event: parsed.value, issues: [] };
  }

  /**
   * What a decision is for may be on its way to the disk, in this very batch even. So one that cannot be told here goes on
   * as it is: it is judged again when it gets its place in the order, and refused there if nothing waits for it.
   */
  #resolve(event: Event): Event {
    try {
      return this.#options.resolveDecision(event);
    } catch (error) {
      if (error instanceof ProblemError) return event;
      throw error;
    }
  }
}

function checkCount(count: number): void {
  if (count <= MAX_BATCH_EVENTS) return;
  throw problem(
    "body_too_large",
    `One publish takes at most ${MAX_BATCH_EVENTS} events, not ${count}; nothing was published.`,
  );
}

/** What no producer can say: that a rule decided, or that time did. The bridge's own such decisions come in by no door. */
function isOwnDecision(event: Event): boolean {
  const isDecision = event.event_type === "job.approved" || event.event_type === "job.denied";
  return isDecision && (event.data.surface === "rule" || event.data.surface === "timeout");
}

/** What rules decided goes along right behind its question; whoever published is told of what is theirs. */
function ownResults(
  passed: readonly (readonly Event[])[],
  results: readonly PublishResult[],
): readonly PublishResult[] {
  let place = 0;
  return passed.flatMap((each) => {
    const result = results[place];
    place += each.length;
    return result === undefined ? [] : [result];
  });
}

function outcomeOf({
  problem: refusal,
  duplicate,
  seq,
}: PublishResult): "stored" | "duplicate" | "waiting" | "refused" {
  if (refusal !== undefined) return "refused";
  if (duplicate) return "duplicate";
  return seq === null ? "waiting" : "stored";
}

function describe(issues: readonly ProblemIssue[]): string {
  const [first] = issues;
  if (first === undefined) return "";
  const where = first.path === "" ? "The event" : first.path;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return `${where}: ${first.message}${more}.`;
}
