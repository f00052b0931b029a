/**
 * Owns the place of rules at the door: each approval that is asked for gets its time, what may be chosen instead of a plain
 * yes, and, where a rule decides, its decision right behind it, before anybody is asked.
 */
import { isDeepStrictEqual } from "node:util";
import { v5 as idOf } from "uuid";
import type { Event, EventOf, EventSource } from "../../shared/events/event.ts";
import type { Remember } from "../../shared/events/job.ts";
import type { Approval, Offer } from "../../shared/protocol/approval.ts";
import { problem } from "../../shared/protocol/problem.ts";
import {
  describeRule,
  type Rule,
  type RuleCheckResult,
  type RulesInForce,
  type RuleTimeout,
  secondsOf,
} from "../../shared/protocol/rules.ts";
import type { State } from "../../shared/state/state.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { isQuestion } from "../approvals/question.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { decideByRule, type RuleDecision, type Surroundings } from "./decideByRule.ts";
import { type RuleRequest, requestOf } from "./request.ts";
import { ruleFor } from "./ruleOffers.ts";
import type { RulesFile } from "./rulesFile.ts";

/** Any fixed id will do: it keeps the ids of decisions by rule apart from all others. */
const DECISION_NAMESPACE = "2a9bb3a4-8c38-4c5e-9d4c-8b1c0e4f7a61";

type Question = EventOf<"job.approval_needed">;

export interface RulesOptions {
  readonly file: Pick<RulesFile, "read" | "add" | "remove">;
  readonly source: EventSource;
  readonly surroundings: Surroundings;
  readonly state: () => State;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export class Rules {
  readonly #options: RulesOptions;

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  /** Whether an event has to pass here. */
  concerns(event: Event): boolean {
    return isQuestion(event);
  }

  /** The event as it is to be published, and what is to be published behind it. */
  async pass(event: Event): Promise<readonly [Event, ...Event[]]> {
    if (!isQuestion(event)) return [event];
    try {
      return await this.#judge(event);
    } catch (error) {
      this.#options.log.error("A question could not be held against the rules, so a person is asked", { error });
      return [withOffers(event, [])];
    }
  }

  async #judge(event: Question): Promise<readonly [Event, ...Event[]]> {
    const { rules, timeouts } = await this.#options.file.read();
    const request = requestOf(event);
    const asked = await this.#withOwnOffers(withTimeout(event, timeouts, request), request);
    const decided = await decideByRule(rules, request, this.#options.surroundings);
    if (decided === undefined || decided.decision === "ask") return [asked];
    return [asked, this.#decision(asked, decided)];
  }

  /** What would be decided for something that nobody has asked for yet. */
  async check(request: RuleRequest): Promise<RuleCheckResult> {
    const { rules } = await this.#options.file.read();
    const decided = await decideByRule(rules, request, this.#options.surroundings);
    if (decided === undefined) return { decision: "ask", rule: null, note: null };
    const { decision, rule, index, note } = decided;
    return { decision, rule: { index, text: nameOf(rule) }, note: note ?? null };
  }

  /**
   * Writes the rule that an approval is to stand for from now on; what it answers takes that back.
   *
   * @throws ProblemError `settings_invalid`, or what the file system says.
   */
  async remember({ project_id, session_id, ...data }: Approval, remember: Remember): Promise<() => Promise<void>> {
    // What the agent is told to remember, it remembers itself.
    if (remember === "agent") return async () => undefined;
    const { file, surroundings, state, nowMs } = this.#options;
    // Its end has been and gone, and would not take the rule along: the yes is for the one question.
    if (remember === "session" && isClosed(state(), project_id, session_id)) return async () => undefined;
    const rule = await ruleFor(requestOf({ project_id, session_id, data }), remember, surroundings);
    const offered = data.offers.find((offer) => offer.remember === remember);
    // Somebody said yes to these words, and to no others: a link or a folder may have changed since.
    if (rule === undefined || describeRule(rule) !== offered?.text) {
      throw problem("invalid_request", "The rule that was offered would be another one by now, so it was not written.");
    }
    const written: Rule = { ...rule, remembered_at: new Date(nowMs()).toISOString() };
    // One that was there already is not ours to take back.
    const isNew = await file.add(written);
    return async () => {
      if (isNew) await this.#takeBack(written);
    };
  }

  async #takeBack(rule: Rule): Promise<void> {
    try {
      await this.#options.file.remove((each) => isDeepStrictEqual(each, rule));
    } catch (error) {
      this.#options.log.warn("A rule of an answer that came too late could not be taken out", { rule, error });
    }
  }

  inForce(): Promise<RulesInForce> {
    return this.#options.file.read();
  }

  async #withOwnOffers(event: Question, request: RuleRequest): Promise<Question> {
    const lasting = ["session", "always"] as const;
    const rules = await Promise.all(lasting.map((each) => ruleFor(request, each, this.#options.surroundings)));
    const own = lasting.flatMap((remember, index) => {
      const rule = rules[index];
      return rule === undefined ? [] : [{ remember, text: describeRule(rule) }];
    });
    return withOffers(event, own);
  }

  /** The same each time the question is published: a question that is sent again brings no second decision. */
  #decision(question: Question, { decision, rule, index }: RuleDecision): Event {
    const { event_id, timestamp, project_id, session_id, job_id, visibility, recipients, data } = question;
    const envelope = {
      event_id: idOf(event_id, DECISION_NAMESPACE),
      timestamp,
      source: this.#options.source,
      ...{ project_id, session_id, job_id, visibility, recipients },
    };
    const common = {
      approval_id: data.approval_id ?? event_id,
      decided_by: { name: `the rule ${nameOf(rule)}` },
      surface: "rule" as const,
      ...(rule.reason === undefined ? {} : { reason: spellOut(rule.reason) }),
      rule: { index, text: describeRule(rule), question: event_id },
    };
    return decision === "allow"
      ? { ...envelope, event_type: "job.approved", data: common }
      : { ...envelope, event_type: "job.denied", data: { ...common, outcome: "denied" } };
  }
}

function isClosed(state: State, project: string, session: string | null): boolean {
  return [...state.sessions.values()].some(
    ({ project_id, session_id, closed_at }) => project_id === project && session_id === session && closed_at !== null,
  );
}

function nameOf(rule: Rule): string {
  return rule.name === undefined ? `“${describeRule(rule)}”` : `“${spellOut(rule.name)}”`;
}

function withTimeout(event: Question, timeouts: readonly RuleTimeout[], { projects }: RuleRequest): Question {
  const { data, timestamp } = event;
  if (data.expires_at !== undefined) return event;
  const timeout = timeouts.find(
    ({ scope, project }) =>
      (scope === "*" || scope === data.scope) && projects.every((each) => each === (project ?? each)),
  );
  if (timeout === undefined) return event;
  const expires_at = new Date(Date.parse(timestamp) + secondsOf(timeout.after) * 1000).toISOString();
  return { ...event, data: { ...data, expires_at, on_timeout: timeout.decision ?? "deny" } };
}

/** What a producer says would be written is not what we would write: of its offers only its agent's own counts. */
function withOffers(event: Question, own: readonly Offer[]): Question {
  const others = (event.data.offers ?? []).filter(({ remember }) => remember === "agent");
  const ours = own.map(({ remember, text }) => ({ remember, text }));
  return { ...event, data: { ...event.data, offers: [...ours, ...others] } };
}
