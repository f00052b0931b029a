/** Owns which job a folder means: the newest of its branch's session, or of an agent that works in its worktree. */
import { isAbsolute, relative, resolve, sep } from "node:path";
import { type Job, type State, sessionKey } from "../../shared/state/state.ts";
import { findPlace } from "../git/place.ts";

/** Undefined where nothing has run here. */
export async function newestHere(state: State, folder: string): Promise<Job | undefined> {
  const { project, session, worktree } = await findPlace(folder);
  const top = worktree ?? resolve(folder);
  for (const job of [...state.jobs.values()].reverse()) {
    if (job.project_id !== project) continue;
    if (job.session_id === session) return job;
    const workspace = workspaceOf(state, job);
    if (workspace !== null && (await isIn(workspace, top))) return job;
  }
  return undefined;
}

/** An agent's session has an id of its own, and says where it works. */
function workspaceOf(state: State, { project_id, session_id, workspace }: Job): string | null {
  if (workspace !== null || session_id === null) return workspace;
  return state.sessions.get(sessionKey(project_id, session_id))?.workspace ?? null;
}

async function isIn(workspace: string, top: string): Promise<boolean> {
  const way = relative(top, workspace);
  if (way === "") return true;
  if (isAbsolute(way) || way === ".." || way.startsWith(`..${sep}`)) return false;
  // Another worktree, or another repository, may lie within this one.
  return (await findPlace(workspace)).worktree === top;
}
