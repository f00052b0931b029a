/** Owns how the state crosses the wire (`GET /v1/state`): each collection as a list. */
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

export interface WireState {
  readonly projects: readonly Project[];
  readonly sessions: readonly Session[];
  readonly jobs: readonly Job[];
  readonly approvals: readonly Approval[];
  readonly tasks: readonly Task[];
  readonly orchestrators: readonly Orchestrator[];
  readonly notices: readonly Notice[];
}

/** Answer of `GET /v1/state`: the picture, and the event that it stands at. Read the stream on from there. */
export interface StateSnapshot {
  readonly epoch: string;
  readonly seq: number;
  readonly state: WireState;
}

export function toWire(state: State): WireState {
  return {
    projects: [...state.projects.values()],
    sessions: [...state.sessions.values()],
    jobs: [...state.jobs.values()],
    approvals: [...state.approvals.values()],
    tasks: [...state.tasks.values()],
    orchestrators: [...state.orchestrators.values()],
    notices: state.notices,
  };
}

export function fromWire(seq: number, wire: WireState): State {
  return {
    seq,
    projects: new Map(wire.projects.map((project) => [project.project_id, project])),
    sessions: new Map(wire.sessions.map((session) => [sessionKey(session.project_id, session.session_id), session])),
    jobs: new Map(wire.jobs.map((job) => [job.job_id, job])),
    approvals: new Map(wire.approvals.map((approval) => [approval.approval_id, approval])),
    tasks: new Map(wire.tasks.map((task) => [taskKey(task.project_id, task.task_id), task])),
    orchestrators: new Map(
      wire.orchestrators.map((entry) => [orchestratorKey(entry.project_id, entry.instance_id), entry]),
    ),
    notices: wire.notices,
  };
}
