/** Owns what `coordination.*` does to the state: a list of notices, newest last. */
import type { EventOf } from "../events/event.ts";
import type { Draft } from "./draft.ts";
import type { Notice } from "./state.ts";

/** Most notices kept; older ones stay in the store. */
export const MAX_NOTICES = 200;

type CoordinationEvent = (
  | EventOf<"coordination.message_sent">
  | EventOf<"coordination.export_declared">
  | EventOf<"coordination.conflict_detected">
  | EventOf<"coordination.sync_point_reached">
) & { readonly seq: number };

export function reduceNotice(draft: Draft, event: CoordinationEvent): void {
  const { seq, project_id, session_id, timestamp: at } = event;
  const notice: Notice = { seq, project_id, session_id, at, ...contentOf(event) };
  const notices = draft.editNotices();
  notices.push(notice);
  if (notices.length > MAX_NOTICES) notices.shift();
}

function contentOf(event: CoordinationEvent): Pick<Notice, "kind" | "text"> {
  switch (event.event_type) {
    case "coordination.message_sent": {
      const { from_session, to_session, message } = event.data;
      const from = from_session ?? event.session_id ?? "someone";
      return { kind: "message", text: `${from} to ${to_session ?? "everyone"}: ${message}` };
    }
    case "coordination.export_declared": {
      const { name, kind, file } = event.data;
      const what = kind === undefined ? name : `${kind} ${name}`;
      return { kind: "export", text: file === undefined ? `Exports ${what}` : `Exports ${what} from ${file}` };
    }
    case "coordination.conflict_detected": {
      const { files, sessions, description } = event.data;
      const between = sessions === undefined ? "" : ` between ${sessions.join(" and ")}`;
      return { kind: "conflict", text: description ?? `Conflict${between} in ${files.join(", ")}` };
    }
    case "coordination.sync_point_reached":
      return { kind: "sync_point", text: `All sessions are ready at ${event.data.name}` };
  }
}
