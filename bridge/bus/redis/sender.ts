/**
 * Owns an event's way into Redis: one publish after the other, so that order stays order; a decision only while Redis is
 * there to say which one is first; everything else onto the disk while it is not.
 */
import type { Event } from "../../../shared/events/event.ts";
import { ProblemError, problem } from "../../../shared/protocol/problem.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import { type DecisionEvent, isDecision } from "../../approvals/decisionTarget.ts";
import type { ApprovalLedger } from "../../approvals/ledger.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import { toPublishResult } from "../publishResult.ts";
import type { OutboxFile } from "./outboxFile.ts";
import type { PendingPublishes, Settled } from "./pendingPublishes.ts";
import type { PublishAnswer } from "./publishScript.ts";
import { RedisAwayError } from "./redisLink.ts";

export interface SenderOptions {
  /** Puts an event into Redis. @throws RedisAwayError */
  readonly put: (event: Event, token: string) => Promise<PublishAnswer>;
  readonly ledger: Pick<ApprovalLedger, "judge" | "resolve">;
  readonly outbox: Pick<OutboxFile, "append" | "length">;
  readonly pending: PendingPublishes;
  readonly isAway: () => boolean;
  readonly onAway: (reason: string) => void;
  /** There is something to read or to send; resolves when it was read and sent, or cannot be. */
  readonly sync: () => Promise<void>;
  readonly log: Logger;
}

/** Resolves when the event is where it is going to be. */
type Answer = () => Promise<PublishResult>;

export class Sender {
  readonly #options: SenderOptions;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Their places are given out in the order of the calls; the waits for the store overlap. */
  async publish(events: readonly Event[]): Promise<readonly PublishResult[]> {
    const sent = this.#inTurn(() => this.#sendAll(events));
    const answers = await sent;
    return Promise.all(answers.map((answer) => answer()));
  }

  /**
   * Redis is away, or has lost its memory: whether it still has what was sent and not read back, nobody knows. So that is
   * kept on disk and sent again; only a decision cannot be.
   */
  rescuePending(): void {
    this.#inTurn(() => this.#postpone([])).catch((error: unknown) => {
      this.#options.log.error("Events that Redis may have lost could not be kept on disk", { error });
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#sending.then(act);
    // The next turn does not care how this one ended; its caller does.
    this.#sending = turn.catch(() => undefined);
    return turn;
  }

  async #sendAll(events: readonly Event[]): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    const postponed: Event[] = [];
    for (const event of events) {
      answers.push(isDecision(event) ? await this.#sendDecision(event) : await this.#sendOther(event, postponed));
    }
    if (postponed.length > 0) await this.#postpone(postponed);
    return answers;
  }

  async #sendOther(event: Event, postponed: Event[]): Promise<Answer> {
    const { put, ledger, outbox, pending, isAway, onAway, sync } = this.#options;
    const refusal = ledger.judge(event);
    if (refusal !== undefined) return answering(refused(event, refusal));
    // Nothing overtakes what waits on disk.
    if (isAway() || outbox.length > 0 || postponed.length > 0) {
      postponed.push(event);
      return async () => waiting(event);
    }
    const { token, settled, forget } = pending.expect(event);
    try {
      await put(event, token);
    } catch (error) {
      if (!(error instanceof RedisAwayError)) throw error;
      forget();
      onAway(error.message);
      // It may be in Redis or not: it is sent again, and the stores know its event_id.
      postponed.push(event);
      return async () => waiting(event);
    }
    void sync();
    return async () => toResult(event, await settled);
  }

  async #sendDecision(event: DecisionEvent): Promise<Answer> {
    const { put, ledger, pending, isAway, onAway, sync } = this.#options;
    let judged = this.#judge(event);
    if (judged instanceof ProblemError && judged.code === "unknown_approval" && pending.size > 0) {
      // What it answers may be on its way back, from this very batch even.
      await sync();
      judged = this.#judge(event);
    }
    if (judged instanceof ProblemError) return answering(refused(event, judged));
    if (isAway()) return answering(refused(event, notTaken()));

    const decision = judged;
    const { token, settled, forget } = pending.expect(decision);
    try {
      const { winner } = await put(decision, token);
      if (winner === undefined) {
        void sync();
        return async () => toResult(decision, await settled);
      }
      forget();
      return async () => {
        // The winner is on its way here; once it is stored, the ledger can tell who decided what.
        await sync();
        return refused(decision, ledger.judge(decision) ?? lostTo(winner));
      };
    } catch (error) {
      if (!(error instanceof RedisAwayError)) throw error;
      forget();
      onAway(error.message);
      return answering(refused(decision, inDoubt()));
    }
  }

  /** The decision with the approval that it is for, or why it is refused. */
  #judge(event: DecisionEvent): DecisionEvent | ProblemError {
    const { ledger } = this.#options;
    return ledger.judge(event) ?? ledger.resolve(event);
  }

  /** Keeps events on disk, after those that were sent before them and did not come back. */
  async #postpone(events: readonly Event[]): Promise<void> {
    const { outbox, pending, sync } = this.#options;
    const lost = pending.takeAll();
    const others = lost.filter(({ event }) => !isDecision(event));
    for (const { event, settle } of lost) if (isDecision(event)) settle(inDoubt());
    if (others.length + events.length === 0) return;
    try {
      await outbox.append([...others.map(({ event }) => event), ...events]);
    } catch (cause) {
      const refusal = problem(
        "store_unavailable",
        "Redis is away, and what was published could not be kept on disk. Publish it again.",
        { cause },
      );
      for (const { settle } of others) settle(refusal);
      throw refusal;
    }
    for (const { settle } of others) settle("waiting");
    void sync();
  }
}

function toResult(event: Event, settled: Settled): PublishResult {
  if (settled === "waiting") return waiting(event);
  return settled instanceof ProblemError ? refused(event, settled) : toPublishResult(event, settled);
}

function answering(result: PublishResult): Answer {
  return async () => result;
}

function refused({ event_id }: Event, refusal: ProblemError): PublishResult {
  return { event_id, seq: null, duplicate: false, problem: refusal.document };
}

function waiting({ event_id }: Event): PublishResult {
  return { event_id, seq: null, duplicate: false };
}

function lostTo(winner: string): ProblemError {
  return problem("already_decided", "Another bridge took a decision first; this answer changes nothing.", {
    context: { event: winner },
  });
}

function notTaken(): ProblemError {
  return problem(
    "store_unavailable",
    "Redis is away, so that nobody knows what others decide: the answer was not taken. Look at the approval again when Redis is back.",
  );
}

function inDoubt(): ProblemError {
  return problem(
    "store_unavailable",
    "Redis went away while the answer was on its way: nobody knows whether it was taken. Look at the approval again when Redis is back.",
  );
}
