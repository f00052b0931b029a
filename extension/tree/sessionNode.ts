/** Owns a session's row, with its jobs under it. A closed one stays, so that what it did can still be read. */
import { type Session, type State, sessionKey } from "../../shared/state/state.ts";
import { agentName } from "../../shared/text/agentName.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { usageText } from "../../shared/text/usageText.ts";
import { CONTEXT_WORDS } from "../contributions.ts";
import { jobsOf } from "../store/selectors.ts";
import type { Target } from "../store/target.ts";
import { factSheet } from "../text/markdown.ts";
import { jobNode } from "./jobNode.ts";
import { type NodeIcon, type NodeSource, type NodeView, pathOf, type TreeNode } from "./node.ts";

const MAX_LABEL_LENGTH = 80;
const MAX_WORD_LENGTH = 40;

type SessionId = Pick<Session, "project_id" | "session_id">;

export function sessionNode(source: NodeSource, parent: TreeNode, session: SessionId): TreeNode {
  const id = pathOf(parent, "session", session.session_id);
  return source.node(id, () => new SessionNode(source, parent, id, session));
}

class SessionNode implements TreeNode {
  readonly id: string;
  readonly parent: TreeNode;
  readonly target: Target;
  readonly #source: NodeSource;
  readonly #projectId: string;
  readonly #sessionId: string;

  constructor(source: NodeSource, parent: TreeNode, id: string, { project_id, session_id }: SessionId) {
    this.#source = source;
    this.#projectId = project_id;
    this.#sessionId = session_id;
    this.id = id;
    this.parent = parent;
    this.target = { project_id, session_id };
  }

  view(state: State): NodeView | undefined {
    const session = state.sessions.get(sessionKey(this.#projectId, this.#sessionId));
    if (session === undefined) return undefined;
    const label = oneLine(session.name, MAX_LABEL_LENGTH) || session.session_id;
    const description = descriptionOf(session);
    return {
      label,
      description,
      tooltip: factSheet(session.name, [
        ["State", session.state],
        ["Error", session.error],
        ["Agent", session.agent === null ? null : agentName(session.agent)],
        ["Branch", session.branch],
        ["Folder", session.workspace],
        ["Used", session.usage === null ? null : usageText(session.usage)],
        ["Session", session.session_id],
        ["Since", session.created_at],
        ["Closed", session.closed_at],
      ]),
      icon: iconOf(session),
      contextValue: CONTEXT_WORDS.session,
      accessibleLabel: `Session ${label}, ${description}`,
      isOpen: session.closed_at === null,
    };
  }

  /** Also while there are none: VS Code leaves a row closed for good that had none when it was first drawn. */
  hasChildren(): boolean {
    return true;
  }

  children(state: State): readonly TreeNode[] {
    return jobsOf(state, this.#projectId, this.#sessionId).map((job) => jobNode(this.#source, this, job));
  }
}

/** The agent and the branch are only said where the session's name does not say them already. */
function descriptionOf({ state, branch, name, agent }: Session): string {
  const unsaid = [agent === null ? null : agentName(agent), branch]
    .filter((part) => part !== null)
    .filter((part) => !says(name, part));
  return [state, ...unsaid].map((part) => oneLine(part, MAX_WORD_LENGTH)).join(" · ");
}

/** Whether it stands in a name by itself: `Claude Code: Fix the cart` says Claude Code, `maintenance` does not say main. */
function says(name: string, words: string): boolean {
  return ` ${name.replaceAll(/[:,;()]/g, " ")} `.includes(` ${words} `);
}

function iconOf({ state, closed_at, agent }: Session): NodeIcon {
  if (closed_at !== null) return { id: "archive", color: "disabledForeground" };
  if (state === "error") return { id: "error", color: "testing.iconFailed" };
  return { id: agent === null ? "git-branch" : "sparkle" };
}
