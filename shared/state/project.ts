/** Owns what `project.*` does to the state. */
import type { EventOf, StoredEvent } from "../events/event.ts";
import type { Draft, Own } from "./draft.ts";
import type { Project } from "./state.ts";

type ProjectEvent = (EventOf<"project.registered"> | EventOf<"project.removed"> | EventOf<"project.scanned">) & {
  readonly seq: number;
};

export function reduceProject(draft: Draft, event: ProjectEvent): void {
  if (event.event_type === "project.removed") {
    removeProject(draft, event.project_id);
    return;
  }
  const project = touchProject(draft, event);
  if (event.event_type === "project.registered") {
    const { name, path, repository } = event.data;
    project.registered = true;
    project.name = name ?? project.name;
    project.path = path ?? project.path;
    project.repository = repository ?? project.repository;
    return;
  }
  project.last_scan = { at: event.timestamp, summary: event.data.summary ?? null };
}

/** The event's project, made where it is not there yet: a job's first event may be the first that we hear of its project. */
export function touchProject(draft: Draft, event: StoredEvent): Own<Project> {
  const { project_id, timestamp } = event;
  const project = draft.projects.edit(project_id) ?? draft.projects.put(project_id, newProject(event));
  project.updated_at = timestamp;
  return project;
}

function newProject({ project_id, timestamp }: StoredEvent): Project {
  return {
    project_id,
    name: project_id,
    path: null,
    repository: null,
    registered: false,
    last_scan: null,
    updated_at: timestamp,
  };
}

function removeProject(draft: Draft, project_id: string): void {
  draft.projects.delete(project_id);
  for (const session of [...draft.sessions.values()]) {
    if (session.project_id === project_id) draft.removeSession(session);
  }
  for (const job of [...draft.jobs.values()]) {
    if (job.project_id === project_id) draft.removeJob(job);
  }
  for (const task of [...draft.tasks.values()]) {
    if (task.project_id === project_id) draft.removeTask(task);
  }
  for (const orchestrator of [...draft.orchestrators.values()]) {
    if (orchestrator.project_id === project_id) draft.removeOrchestrator(orchestrator);
  }
  if (draft.notices.some((notice) => notice.project_id === project_id)) {
    const others = draft.notices.filter((notice) => notice.project_id !== project_id);
    draft.editNotices().splice(0, Infinity, ...others);
  }
}
