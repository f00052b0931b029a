/** Owns finding the session that a command is about: the row's own, or the one that is picked. */
import { window } from "vscode";
import { type Session, sessionKey } from "../../shared/state/state.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { jobsOf, projectName, projectsOf, sessionsOf } from "../store/selectors.ts";
import { readTarget } from "../store/target.ts";
import { count } from "../text/count.ts";
import { withoutIcons } from "../text/untrusted.ts";

/** Undefined when there is none, which is said, or none was picked. */
export async function pickSession(
  { state }: LiveStore,
  argument: unknown,
  title: string,
): Promise<Session | undefined> {
  const target = readTarget(argument);
  if (target?.project_id !== undefined && target.session_id !== undefined) {
    const session = state.sessions.get(sessionKey(target.project_id, target.session_id));
    if (session === undefined) void window.showInformationMessage("This session is not known any more.");
    return session;
  }
  const sessions = projectsOf(state).flatMap(({ project_id }) => sessionsOf(state, project_id));
  if (sessions.length === 0) {
    void window.showInformationMessage("There is no session yet.");
    return undefined;
  }
  const picked = await window.showQuickPick(
    sessions.map((session) => ({
      session,
      label: withoutIcons(session.name),
      description: withoutIcons(projectName(state, session.project_id)),
      detail: `${withoutIcons(session.state)} · ${count(jobsOf(state, session.project_id, session.session_id).length, "job")}`,
    })),
    { title, placeHolder: "Which session?", matchOnDescription: true },
  );
  return picked?.session;
}
