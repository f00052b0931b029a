/**
 * Owns what happens when a coding agent's hook calls: what it means is worked out, published, told in the turn's log, and
 * answered. Calls of one session are handled in their order; those of different sessions do not wait for each other.
 */
import type { HookAgent, HookAnswer, HookCall } from "../../shared/protocol/agentHook.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import { problem } from "../../shared/protocol/problem.ts";
import type { Job } from "../../shared/state/state.ts";
import type { Approvals } from "../approvals/approvals.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Ingest } from "../http/ingest.ts";
import type { LogStore } from "../logs/logStore.ts";
import type { Projection } from "../projection/projection.ts";
import type { EventStore } from "../store/eventStore.ts";
import { Aftermath } from "./aftermath.ts";
import type { Agent } from "./agent.ts";
import { AGENTS } from "./agents.ts";
import { type ApprovalRequest, isOf, requestOf } from "./approvalRequest.ts";
import { Attendance } from "./attendance.ts";
import { withExitCode } from "./exitCode.ts";
import { absolutePathIn, asksPermission, textIn } from "./hookInput.ts";
import { HookSpool } from "./hookSpool.ts";
import { type AgentHookTimings, TIMINGS } from "./hookTimings.ts";
import { approvalIdOf, askingAgent, callKey, sessionIdOf, waitsAt } from "./identity.ts";
import { KeyedQueue } from "./keyedQueue.ts";
import type { Meaning } from "./meaning.ts";
import { jobOf, type Occasion, occasionOf, workFolder } from "./occasion.ts";
import { OpenQuestions } from "./openQuestions.ts";
import { answeredElsewhere, askedAlready } from "./pendingQuestions.ts";
import { answerOutput } from "./permissionAnswer.ts";
import { Places } from "./places.ts";
import type { StoryPart } from "./plan.ts";
import { publishPlanned } from "./publication.ts";
import { StoryTeller } from "./storyTeller.ts";
import { TurnAccounts } from "./turnAccounts.ts";
import { endedJobs } from "./turnEnd.ts";
import type { TurnOutcome } from "./turnOutcome.ts";
import { plan } from "./turnPlan.ts";

export interface AgentHooksOptions {
  readonly ingest: () => Pick<Ingest, "checkMany" | "publish">;
  readonly store: Pick<EventStore, "query" | "epoch">;
  readonly projection: Pick<Projection, "state" | "onDidChange">;
  readonly approvals: Pick<Approvals, "get" | "decide" | "waitForDecision">;
  readonly logs: Pick<LogStore, "append">;
  /** Where hooks leave what needs no answer, or what they could not deliver. */
  readonly spoolDirectory: string;
  readonly timings?: Partial<AgentHookTimings>;
  readonly nowMs: () => number;
  readonly log: Logger;
}

const DONE: HookAnswer = { kind: "done" };
/** The agent's own prompt decides. */
const NO_ANSWER: HookAnswer = { kind: "answer", output: "" };

/** Calls of which it is known that they were handled, for when they are delivered again. */
const MAX_KNOWN_CALLS = 5000;

export class AgentHooks {
  readonly #options: AgentHooksOptions;
  readonly #timings: AgentHookTimings;
  readonly #places: Places;
  readonly #queue = new KeyedQueue();
  readonly #calls = new Map<string, Promise<HookAnswer>>();
  readonly #accounts: TurnAccounts;
  readonly #teller: StoryTeller;
  readonly #aftermath: Aftermath;
  readonly #attendance: Attendance;
  readonly #questions: OpenQuestions;
  readonly #spool: HookSpool;
  /** Requests that are being published: what they come to is told behind the question. */
  readonly #asking = new Map<string, Approval | undefined>();

  constructor(options: AgentHooksOptions) {
    const { approvals, ingest, projection, logs, log, store, nowMs, spoolDirectory } = options;
    this.#options = options;
    this.#timings = { ...TIMINGS, ...options.timings };
    const { absentMs, restartMs, silentMs, transcriptWaitMs, promptMs } = this.#timings;
    this.#questions = new OpenQuestions(promptMs);
    this.#places = new Places(nowMs);
    this.#accounts = new TurnAccounts(store);
    this.#teller = new StoryTeller({ logs, transcriptWaitMs, log });
    const isOwn = (approval: Approval) => waitsAt(store.epoch, approval);
    this.#aftermath = new Aftermath({
      ...{ ingest, store, projection, isOwn },
      queue: this.#queue,
      teller: this.#teller,
      silentMs,
      nowMs,
      log,
    });
    this.#attendance = new Attendance({
      ...{ approvals, projection, isOwn, absentMs, restartMs },
      hasRead: () => this.#spool.settled(),
      onDecided: (approval) => this.#onDecided(approval),
      onLeft: (approval) => this.#aftermath.left(approval),
      log,
    });
    this.#spool = new HookSpool({
      directory: spoolDirectory,
      take: (agent, call) => this.#takeLeft(AGENTS[agent], call),
      lookIntervalMs: this.#timings.spoolIntervalMs,
      log,
    });
  }

  /**
   * To be called once events can be published. What was left behind may take long, and is not waited for here: it comes before
   * all that calls from now on, which waits for it.
   */
  async start(): Promise<void> {
    this.#attendance.start();
    await this.#spool.start();
    void this.#spool.settled().then((isWhole) => {
      if (isWhole) this.#aftermath.start();
    });
  }

  /** Before the server stops: hooks that then lose their connection are not gone. Waits for what is in flight. */
  async stop(): Promise<void> {
    await this.#attendance.stop();
    this.#aftermath.stop();
    await this.#spool.stop();
    await this.#queue.idle();
    await this.#teller.idle();
  }

  /**
   * Handles one call; resolves when what it came to is stored, and earlier where the hook is to come back for its answer.
   *
   * @throws ProblemError `stopping` when the bridge stops before its turn has come.
   */
  async call(agent: HookAgent, call: HookCall, signal: AbortSignal): Promise<HookAnswer> {
    const answer = this.#inTurn(agent, call);
    if (!asksPermission(call.input)) return answer;
    const approvalId = approvalIdOf(agent, call.hook_id);
    const soon = await this.#questions.answerSoon(approvalId, answer);
    // It gave the bridge up before that, and its agent asks by itself. A question that could not be told is there for nobody.
    if (signal.aborted) void answer.then(() => this.#attendance.miss(approvalId)).catch(() => undefined);
    return soon;
  }

  /**
   * What a hook that waits is to print, once there is an answer or the time is over.
   *
   * @throws ProblemError `unknown_approval`, or `stopping` when the bridge stops while nobody has decided.
   */
  async answer(agent: HookAgent, approvalId: string, waitMs: number, signal: AbortSignal): Promise<HookAnswer> {
    const { approvals } = this.#options;
    this.#expectKnown(agent, approvalId);
    using _presence = this.#attendance.attend(approvalId);
    const told = await this.#questions.told(approvalId, waitMs, signal);
    if (told !== undefined && told.kind !== "wait") return told;
    // It asks what another hook asks already, and was told to come back before that was known.
    if (told !== undefined && told.approval_id !== approvalId) {
      return this.answer(agent, told.approval_id, waitMs, signal);
    }
    // While it is not told yet, an approval of that id could only be another question's.
    const isTold = told !== undefined || !this.#questions.has(approvalId);
    if (!isTold || approvals.get(approvalId) === undefined) return { kind: "wait", approval_id: approvalId };
    const approval = await approvals.waitForDecision(approvalId, waitMs, signal);
    const output = answerOutput(AGENTS[agent], approval);
    if (output !== undefined) return { kind: "answer", output };
    if (signal.aborted) throw problem("stopping", "The bridge is stopping; ask again in a moment.");
    return { kind: "wait", approval_id: approvalId };
  }

  /**
   * A hook's own time is over, and its agent asks by itself: nobody is asked here any more. What was decided in the last
   * moment is answered still.
   *
   * @throws ProblemError `unknown_approval`
   */
  async giveUp(agent: HookAgent, approvalId: string): Promise<HookAnswer> {
    const { approvals } = this.#options;
    this.#expectKnown(agent, approvalId);
    await this.#attendance.giveUp(approvalId);
    const approval = approvals.get(approvalId);
    const output = approval && answerOutput(AGENTS[agent], approval);
    return output === undefined ? DONE : { kind: "answer", output };
  }

  #expectKnown(agent: HookAgent, approvalId: string): void {
    const isKnown = this.#options.approvals.get(approvalId) !== undefined || this.#questions.has(approvalId);
    if (isKnown && askingAgent(approvalId) === agent) return;
    throw problem("unknown_approval", `No hook of ${AGENTS[agent].name} asked for an approval "${approvalId}".`);
  }

  /** Behind all that hooks have left: of its own session too. */
  async #inTurn(agent: HookAgent, call: HookCall): Promise<HookAnswer> {
    if (await this.#spool.drain()) return this.#handle(AGENTS[agent], call, false);
    throw problem("stopping", "The bridge is stopping and takes nothing more; try again in a moment.");
  }

  /** A question in a file is one for which no hook waits: that of a hook which gave up while no bridge answered, or came too late. */
  async #takeLeft(agent: Agent, call: HookCall): Promise<void> {
    const approvalId = approvalIdOf(agent.id, call.hook_id);
    const isQuestion = asksPermission(call.input);
    if (!isQuestion || this.#options.approvals.get(approvalId) === undefined) await this.#handle(agent, call, true);
    if (isQuestion) await this.#attendance.giveUp(approvalId);
  }

  #handle(agent: Agent, call: HookCall, isLate: boolean): Promise<HookAnswer> {
    const hookId = call.hook_id.toLowerCase();
    const key = callKey(agent.id, { ...call, hook_id: hookId });
    const known = this.#calls.get(key);
    if (known !== undefined) return known;
    const sessionId = sessionIdOf(agent.id, textIn(call.input, "session_id"));
    this.#aftermath.heard(sessionId);
    const answer = this.#queue.run(sessionId, () => this.#work(agent, { ...call, hook_id: hookId }, isLate));
    this.#calls.set(key, answer);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > MAX_KNOWN_CALLS && oldest !== undefined) this.#calls.delete(oldest);
    // Delivered again, it is tried again; whoever delivered it now is told by what is returned.
    answer.catch(() => this.#calls.delete(key));
    return answer;
  }

  async #work(agent: Agent, call: HookCall, isLate: boolean): Promise<HookAnswer> {
    const { projection, ingest, log } = this.#options;
    const place = await this.#places.find(absolutePathIn(call.input, "cwd"));
    const occasion = occasionOf(agent, call, { place, state: projection.state, isLate });
    const read = agent.read(call.input, workFolder(occasion));
    if (read === undefined) {
      log.debug("A hook's event is not known", { agent: agent.id, event: call.input["hook_event_name"] });
      return DONE;
    }
    const meaning = await withExitCode(read, occasion);
    if (meaning.kind === "subagent_ended" && meaning.transcriptPath !== undefined) {
      await this.#accounts.addSubagent(agent, jobOf(occasion), occasion.sessionId, meaning.transcriptPath);
    }
    const request = await requestOf(meaning, occasion, this.#options.store.epoch);
    const asked = request && askedAlready(request, jobOf(occasion), projection.state);
    if (asked !== undefined && this.#attendance.isExpected(asked.approval_id)) {
      return { kind: "wait", approval_id: asked.approval_id };
    }
    const outcomes = await this.#closeTurns(meaning, occasion);
    const { events, story } = plan(meaning, occasion, { outcomes, request });
    if (request?.approval_id !== undefined) this.#asking.set(request.approval_id, undefined);
    const answered = answeredElsewhere(meaning, occasion.sessionId, projection.state);
    await Promise.all(answered.map((approval) => this.#attendance.withdraw(approval, "answered")));
    try {
      const isNew = events.length > 0 && (await publishPlanned(ingest(), events, occasion, log));
      if (isNew)
        void Promise.all(
          this.#tell(
            story.filter(({ isEnd }) => !isEnd),
            occasion,
          ),
        );
    } finally {
      this.#told(request?.approval_id);
    }
    if (meaning.kind !== "permission_asked" || isLate) return DONE;
    const question = events.find(({ event_type }) => event_type === "job.approval_needed");
    return this.#answerNow(agent, request, question?.job_id ?? null);
  }

  /** What the turns that end with this call leave behind; all that was said in them is told before. */
  async #closeTurns(meaning: Meaning, occasion: Occasion): Promise<ReadonlyMap<string, TurnOutcome>> {
    const ended = endedJobs(meaning, occasion);
    const { story } = plan(meaning, occasion, { outcomes: new Map(), request: undefined });
    await Promise.all(
      this.#tell(
        story.filter(({ isEnd }) => isEnd),
        occasion,
      ),
    );
    const { agent, at } = occasion;
    const transcriptPath = absolutePathIn(occasion.input, "transcript_path");
    const close = async (job: Job) =>
      [job.job_id, await this.#accounts.close(job, { agent, transcriptPath, atMs: Date.parse(at) })] as const;
    return new Map(await Promise.all(ended.map(close)));
  }

  #tell(story: readonly StoryPart[], occasion: Occasion): Promise<void>[] {
    const { agent, sessionId, jobs, at } = occasion;
    const transcriptPath = absolutePathIn(occasion.input, "transcript_path");
    return story.map((part) => {
      const job = jobs.find(({ job_id }) => job_id === part.job_id);
      const sinceMs = Date.parse(job?.started_at ?? at);
      return this.#teller.tell({ agent, sessionId, transcriptPath, sinceMs, part });
    });
  }

  /** A rule may have decided already; what nobody was asked, or under whose id something else was, is for the agent's own prompt. */
  #answerNow(agent: Agent, request: ApprovalRequest | undefined, jobId: string | null): HookAnswer {
    const approval = this.#options.projection.state.approvals.get(request?.approval_id ?? "");
    if (request === undefined || approval === undefined || !isOf(approval, request, jobId)) return NO_ANSWER;
    const output = answerOutput(agent, approval);
    return output === undefined ? { kind: "wait", approval_id: approval.approval_id } : { kind: "answer", output };
  }

  #onDecided(approval: Approval): void {
    if (this.#asking.has(approval.approval_id)) this.#asking.set(approval.approval_id, approval);
    else this.#aftermath.decided(approval);
  }

  #told(approvalId: string | undefined): void {
    if (approvalId === undefined) return;
    const decided = this.#asking.get(approvalId);
    this.#asking.delete(approvalId);
    if (decided !== undefined) this.#aftermath.decided(decided);
  }
}
