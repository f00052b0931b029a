/** Owns the copy on write: one batch of events copies each collection that it touches once, however many events it has. */
import type { Approval } from "../protocol/approval.ts";
import {
  type Job,
  type Notice,
  type Orchestrator,
  orchestratorKey,
  type Project,
  type Session,
  type State,
  sessionKey,
  type Task,
  taskKey,
} from "./state.ts";

/** What a batch of events changed, by the keys of the state's collections; removed entities are among them. */
export interface Changes {
  readonly projects: ReadonlySet<string>;
  readonly sessions: ReadonlySet<string>;
  readonly jobs: ReadonlySet<string>;
  readonly approvals: ReadonlySet<string>;
  readonly tasks: ReadonlySet<string>;
  readonly orchestrators: ReadonlySet<string>;
  readonly notices: boolean;
}

/** One collection of the draft. */
export class DraftMap<V> {
  readonly changed = new Set<string>();
  #base: ReadonlyMap<string, V>;
  #copy: Map<string, V> | undefined;

  constructor(base: ReadonlyMap<string, V>) {
    this.#base = base;
  }

  get(key: string): V | undefined {
    return (this.#copy ?? this.#base).get(key);
  }

  set(key: string, value: V): void {
    this.#writable().set(key, value);
    this.changed.add(key);
  }

  delete(key: string): void {
    if (this.get(key) === undefined) return;
    this.#writable().delete(key);
    this.changed.add(key);
  }

  values(): Iterable<V> {
    return (this.#copy ?? this.#base).values();
  }

  result(): ReadonlyMap<string, V> {
    return this.#copy ?? this.#base;
  }

  #writable(): Map<string, V> {
    this.#copy ??= new Map(this.#base);
    return this.#copy;
  }
}

/** The state while a batch is worked into it. */
export class Draft {
  seq: number;
  notices: readonly Notice[];
  readonly projects: DraftMap<Project>;
  readonly sessions: DraftMap<Session>;
  readonly jobs: DraftMap<Job>;
  readonly approvals: DraftMap<Approval>;
  readonly tasks: DraftMap<Task>;
  readonly orchestrators: DraftMap<Orchestrator>;
  readonly #base: State;

  constructor(base: State) {
    this.#base = base;
    this.seq = base.seq;
    this.notices = base.notices;
    this.projects = new DraftMap(base.projects);
    this.sessions = new DraftMap(base.sessions);
    this.jobs = new DraftMap(base.jobs);
    this.approvals = new DraftMap(base.approvals);
    this.tasks = new DraftMap(base.tasks);
    this.orchestrators = new DraftMap(base.orchestrators);
  }

  putSession(session: Session): void {
    this.sessions.set(sessionKey(session.project_id, session.session_id), session);
  }

  removeSession(session: Session): void {
    this.sessions.delete(sessionKey(session.project_id, session.session_id));
  }

  /** Its approvals go with it: they cannot be answered any more, nor shown anywhere. */
  removeJob(job: Job): void {
    this.jobs.delete(job.job_id);
    for (const approval_id of job.approval_ids) this.approvals.delete(approval_id);
  }

  putTask(task: Task): void {
    this.tasks.set(taskKey(task.project_id, task.task_id), task);
  }

  removeTask(task: Task): void {
    this.tasks.delete(taskKey(task.project_id, task.task_id));
  }

  putOrchestrator(orchestrator: Orchestrator): void {
    this.orchestrators.set(orchestratorKey(orchestrator.project_id, orchestrator.instance_id), orchestrator);
  }

  removeOrchestrator(orchestrator: Orchestrator): void {
    this.orchestrators.delete(orchestratorKey(orchestrator.project_id, orchestrator.instance_id));
  }

  finish(): { state: State; changes: Changes } {
    return {
      state: {
        seq: this.seq,
        notices: this.notices,
        projects: this.projects.result(),
        sessions: this.sessions.result(),
        jobs: this.jobs.result(),
        approvals: this.approvals.result(),
        tasks: this.tasks.result(),
        orchestrators: this.orchestrators.result(),
      },
      changes: {
        projects: this.projects.changed,
        sessions: this.sessions.changed,
        jobs: this.jobs.changed,
        approvals: this.approvals.changed,
        tasks: this.tasks.changed,
        orchestrators: this.orchestrators.changed,
        notices: this.notices !== this.#base.notices,
      },
    };
  }
}
