/** Owns what is known when a hook calls: whose call it is, where, in which session, and which turns of it there are. */

import type { HookCall } from "../../shared/protocol/agentHook.ts";
import { hasEnded, type Job, type Session, type State } from "../../shared/state/state.ts";
import type { Place } from "../git/place.ts";
import type { Agent } from "./agent.ts";
import { absolutePathIn, type HookInput, textIn } from "./hookInput.ts";
import { jobIdOf, sessionIdOf } from "./identity.ts";
import type { WorkFolder } from "./toolUse.ts";

export interface Occasion {
  readonly agent: Agent;
  readonly hookId: string;
  /** When the agent called: RFC 3339. */
  readonly at: string;
  readonly input: HookInput;
  readonly place: Place;
  /** The whole path of the folder that the agent stands in, where it tells. */
  readonly cwd: string | undefined;
  readonly projectId: string;
  readonly sessionId: string;
  /** Undefined when the state knows none. */
  readonly session: Session | undefined;
  /** Those of the session, oldest first. */
  readonly jobs: readonly Job[];
  /** The job of the turn that the agent names. */
  readonly namedJobId: string | undefined;
  /** The kind of the subagent that called, if one did. */
  readonly subagent: string | undefined;
  /** The call was left in a file: its agent has not waited, and has gone on. */
  readonly isLate: boolean;
}

export function occasionOf(
  agent: Agent,
  call: HookCall,
  { place, state, isLate }: { readonly place: Place; readonly state: State; readonly isLate: boolean },
): Occasion {
  const { input } = call;
  const sessionId = sessionIdOf(agent.id, textIn(input, "session_id"));
  // A session stays where it began, wherever its agent goes: the newest, should there be one in several projects.
  const session = [...state.sessions.values()].findLast((each) => each.session_id === sessionId);
  const turnId = textIn(input, agent.turnField);
  const jobs = [...state.jobs.values()].filter((job) => job.session_id === sessionId);
  return {
    agent,
    hookId: call.hook_id,
    at: new Date(call.at).toISOString(),
    input,
    place,
    cwd: absolutePathIn(input, "cwd"),
    projectId: session?.project_id ?? place.project,
    sessionId,
    session,
    jobs: jobs.sort((a, b) => startOf(a).localeCompare(startOf(b))),
    namedJobId: turnId === undefined ? undefined : jobIdOf(agent.id, turnId),
    subagent: textIn(input, "agent_id") === undefined ? undefined : (textIn(input, "agent_type") ?? "subagent"),
    isLate,
  };
}

export function workFolder({ cwd, session, place }: Occasion): WorkFolder {
  return { cwd: cwd ?? "/", worktree: session?.workspace ?? place.worktree };
}

export function runningJobs({ jobs }: Occasion): readonly Job[] {
  return jobs.filter((job) => !hasEnded(job.state));
}

/**
 * The job that a call belongs to. A subagent's turn is its parent's: of its own id, where it has one, nobody was told. Undefined
 * when there is none yet.
 */
export function jobOf(occasion: Occasion): Job | undefined {
  const { jobs, namedJobId, subagent } = occasion;
  const named = jobs.find((job) => job.job_id === namedJobId);
  if (named !== undefined) return named;
  return namedJobId === undefined || subagent !== undefined ? runningJobs(occasion).at(-1) : undefined;
}

/** Whether this comes behind the end of a job, and was not only delivered behind it. */
export function isAfterEnd({ at }: Occasion, job: Job): boolean {
  return job.ended_at !== null && at > job.ended_at;
}

function startOf(job: Job): string {
  return job.started_at ?? job.queued_at ?? job.updated_at;
}
