/**
 * Owns the one way from events to what is drawn. Pure: no clock, no randomness, no input but the events. The bridge, the
 * extension, the command line and a replay all run this, so no two of them can disagree.
 */
import type { KnownEvent, StoredEvent } from "../events/event.ts";
import { isKnownEvent } from "../events/known.ts";
import { type Changes, Draft } from "./draft.ts";
import { type JobEvent, reduceJob } from "./job.ts";
import { reduceNotice } from "./notice.ts";
import { reduceOrchestrator } from "./orchestrator.ts";
import { reduceProject, touchProject } from "./project.ts";
import { prune } from "./prune.ts";
import { reduceSession, touchSession } from "./session.ts";
import type { State } from "./state.ts";
import { reduceTask } from "./task.ts";

type StoredKnownEvent = KnownEvent & { readonly seq: number };

/**
 * Works a batch of events, in the order of their `seq`, into a state. Events that are in it already (`seq` at or below
 * the state's) are passed over, so that an overlap between a snapshot and a stream does no harm.
 */
export function reduce(state: State, events: Iterable<StoredEvent>): { state: State; changes: Changes } {
  const draft = new Draft(state);
  for (const event of events) {
    if (event.seq <= draft.seq) continue;
    draft.seq = event.seq;
    if (isKnownEvent(event)) apply(draft, event);
    else touch(draft, event);
  }
  return draft.finish();
}

function apply(draft: Draft, event: StoredKnownEvent): void {
  // Before all others, since nearly all are of jobs.
  if (isJobEvent(event)) {
    touch(draft, event);
    reduceJob(draft, event);
    prune(draft, event);
    return;
  }
  switch (event.event_type) {
    case "project.registered":
    case "project.removed":
    case "project.scanned":
      reduceProject(draft, event);
      return;
    case "orchestrator.started":
    case "orchestrator.stopped":
    case "orchestrator.error":
      touch(draft, event);
      reduceOrchestrator(draft, event);
      return;
    case "session.created":
    case "session.state_changed":
    case "session.workspace_ready":
    case "session.closed":
    case "session.error":
      touchProject(draft, event);
      reduceSession(draft, event);
      prune(draft, event);
      return;
    case "task.created":
    case "task.claimed":
    case "task.status_changed":
    case "task.completed":
      touch(draft, event);
      reduceTask(draft, event);
      prune(draft, event);
      return;
    default:
      touch(draft, event);
      reduceNotice(draft, event);
  }
}

function isJobEvent(event: StoredKnownEvent): event is JobEvent {
  return event.event_type.startsWith("job.");
}

/** An event brings the project and session it names into being, and marks them as active. */
function touch(draft: Draft, event: StoredEvent): void {
  touchProject(draft, event);
  touchSession(draft, event);
}
