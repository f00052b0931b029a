/** Owns when a window speaks up about approvals, and what it says. Pure: a table of cases is its test. */
import { isAbsolute, relative } from "node:path";
import type { Approval } from "../../shared/protocol/approval.ts";
import { type State, sessionKey } from "../../shared/state/state.ts";
import type { NotificationMode } from "../contributions.ts";

export interface WindowFacts {
  readonly mode: NotificationMode;
  readonly isFocused: boolean;
  /** The folders that are open in this window. */
  readonly folders: readonly string[];
}

/**
 * Whether this window is the one to ask. `matching`: it has the job's folder open, or the user is in it; where neither the
 * job nor the window says a folder, nothing speaks for another window, so each asks.
 */
export function shouldNotify(folder: string | undefined, window: WindowFacts): boolean {
  if (window.mode === "never") return false;
  if (window.mode === "all" || window.isFocused) return true;
  if (folder === undefined || window.folders.length === 0) return true;
  return window.folders.some((open) => contains(open, folder) || contains(folder, open));
}

/** Where the work that asks is done, as far as is known. */
export function folderOf(state: State, { job_id, project_id, session_id }: Approval): string | undefined {
  const job = state.jobs.get(job_id);
  const session = session_id === null ? undefined : state.sessions.get(sessionKey(project_id, session_id));
  return job?.workspace ?? session?.workspace ?? state.projects.get(project_id)?.path ?? undefined;
}

export type Toast =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly approval: Approval }
  | { readonly kind: "several"; readonly approvals: readonly Approval[] };

/** What to show next: nothing while a toast is open, one approval with its buttons, or the number of those that wait. */
export function nextToast(unseen: readonly Approval[], isOpen: boolean): Toast {
  const [only, second] = unseen;
  if (isOpen || only === undefined) return { kind: "none" };
  return second === undefined ? { kind: "one", approval: only } : { kind: "several", approvals: unseen };
}

function contains(folder: string, path: string): boolean {
  if (!isAbsolute(folder) || !isAbsolute(path)) return false;
  const way = relative(folder, path);
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}
