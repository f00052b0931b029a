/** Owns what `task.*` does to the state. */
import type { EventOf } from "../events/event.ts";
import type { Draft } from "./draft.ts";
import type { Task } from "./state.ts";

type TaskEvent =
  | EventOf<"task.created">
  | EventOf<"task.claimed">
  | EventOf<"task.status_changed">
  | EventOf<"task.completed">;

export function reduceTask(draft: Draft, event: TaskEvent): void {
  const { task_id } = event.data;
  const task = draft.editTask(event.project_id, task_id) ?? draft.putTask(newTask(event));
  Object.assign(task, changed(task, event));
  task.updated_at = event.timestamp;
}

function changed(task: Task, event: TaskEvent): Partial<Task> {
  switch (event.event_type) {
    case "task.created":
      return { title: event.data.title };
    case "task.claimed":
      return { status: "claimed", claimed_by: event.data.claimed_by ?? event.session_id };
    case "task.status_changed":
      return { status: event.data.to };
    case "task.completed":
      return { status: "completed", summary: event.data.summary ?? task.summary };
  }
}

function newTask(event: TaskEvent): Task {
  return {
    project_id: event.project_id,
    task_id: event.data.task_id,
    title: event.data.task_id,
    status: "open",
    claimed_by: null,
    summary: null,
    updated_at: event.timestamp,
  };
}
