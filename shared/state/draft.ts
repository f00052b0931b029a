/** Owns the copy on write: one batch of events copies each collection that it touches once, however many events it has. */
import type { Approval } from "../protocol/approval.ts";
import { type CallIds, callIdsOf, handOnCallIds } from "./callIds.ts";
import { copyJob, copyProject, copySession } from "./copy.ts";
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

/** An entity that is the batch's own: it changes in place until the batch is worked in, and never again. */
export type Own<V> = { -readonly [K in keyof V]: V[K] };

/** One collection of the draft. An entity is copied at its first change in the batch; later ones change that copy. */
export class DraftMap<V> {
  /** The keys of what is the batch's own, and of what it removed. */
  readonly changed = new Set<string>();
  readonly #base: ReadonlyMap<string, V>;
  readonly #copyOf: (value: V) => Own<V>;
  #copy: Map<string, V> | undefined;

  /** `copyOf` is each collection's own: one function that meets objects of all shapes copies them several times slower. */
  constructor(base: ReadonlyMap<string, V>, copyOf: (value: V) => Own<V>) {
    this.#base = base;
    this.#copyOf = copyOf;
  }

  get(key: string): V | undefined {
    return (this.#copy ?? this.#base).get(key);
  }

  /** An entity that is there, to be changed in place. */
  edit(key: string): Own<V> | undefined {
    const known = this.get(key);
    if (known === undefined || this.changed.has(key)) return known;
    return this.put(key, this.#copyOf(known));
  }

  /** Takes in an object that nobody else holds, and gives it back to be changed further. */
  put(key: string, value: Own<V>): Own<V> {
    this.#writable().set(key, value);
    this.changed.add(key);
    return value;
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
    if (this.#copy === undefined) {
      // By a third faster than the constructor, which makes a pair of each entry first.
      this.#copy = new Map();
      for (const [key, value] of this.#base) this.#copy.set(key, value);
    }
    return this.#copy;
  }
}

/** The state while a batch is worked into it. */
export class Draft {
  seq: number;
  readonly projects: DraftMap<Project>;
  readonly sessions: DraftMap<Session>;
  readonly jobs: DraftMap<Job>;
  readonly approvals: DraftMap<Approval>;
  readonly tasks: DraftMap<Task>;
  readonly orchestrators: DraftMap<Orchestrator>;
  /** Of the state that the batch began with, or of an earlier one. */
  readonly callIds: CallIds;
  readonly #base: State;
  #ownNotices: Notice[] | undefined;

  constructor(base: State) {
    this.#base = base;
    this.seq = base.seq;
    this.callIds = callIdsOf(base);
    this.projects = new DraftMap(base.projects, copyProject);
    this.sessions = new DraftMap(base.sessions, copySession);
    this.jobs = new DraftMap(base.jobs, copyJob);
    this.approvals = new DraftMap(base.approvals, (approval) => ({ ...approval }));
    this.tasks = new DraftMap(base.tasks, (task) => ({ ...task }));
    this.orchestrators = new DraftMap(base.orchestrators, (orchestrator) => ({ ...orchestrator }));
  }

  get notices(): readonly Notice[] {
    return this.#ownNotices ?? this.#base.notices;
  }

  /** The notices, to be changed in place. */
  editNotices(): Notice[] {
    this.#ownNotices ??= [...this.#base.notices];
    return this.#ownNotices;
  }

  /** The session, to be changed in place. */
  editSession(project_id: string, session_id: string): Own<Session> | undefined {
    return this.sessions.edit(sessionKey(project_id, session_id));
  }

  putSession(session: Own<Session>): Own<Session> {
    return this.sessions.put(sessionKey(session.project_id, session.session_id), session);
  }

  removeSession(session: Session): void {
    this.sessions.delete(sessionKey(session.project_id, session.session_id));
  }

  /** Its approvals go with it: they cannot be answered any more, nor shown anywhere. */
  removeJob(job: Job): void {
    this.jobs.delete(job.job_id);
    this.callIds.forget(job.job_id);
    for (const approval_id of job.approval_ids) this.approvals.delete(approval_id);
  }

  /** The task, to be changed in place. */
  editTask(project_id: string, task_id: string): Own<Task> | undefined {
    return this.tasks.edit(taskKey(project_id, task_id));
  }

  putTask(task: Own<Task>): Own<Task> {
    return this.tasks.put(taskKey(task.project_id, task.task_id), task);
  }

  removeTask(task: Task): void {
    this.tasks.delete(taskKey(task.project_id, task.task_id));
  }

  putOrchestrator(orchestrator: Own<Orchestrator>): void {
    this.orchestrators.put(orchestratorKey(orchestrator.project_id, orchestrator.instance_id), orchestrator);
  }

  removeOrchestrator(orchestrator: Orchestrator): void {
    this.orchestrators.delete(orchestratorKey(orchestrator.project_id, orchestrator.instance_id));
  }

  finish(): { state: State; changes: Changes } {
    const state: State = {
      seq: this.seq,
      notices: this.notices,
      projects: this.projects.result(),
      sessions: this.sessions.result(),
      jobs: this.jobs.result(),
      approvals: this.approvals.result(),
      tasks: this.tasks.result(),
      orchestrators: this.orchestrators.result(),
    };
    handOnCallIds(state, this.callIds);
    return {
      state,
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
