/** Owns what `project.*` does to the state. */
import type { EventOf, StoredEvent } from "../events/event.ts";
import type { Draft } from "./draft.ts";
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
    draft.projects.set(event.project_id, {
      ...project,
      registered: true,
      name: name ?? project.name,
      path: path ?? project.path,
      repository: repository ?? project.repository,
    });
    return;
  }
  const last_scan = { at: event.timestamp, summary: event.data.summary ?? null };
  draft.projects.set(event.project_id, { ...project, last_scan });
}

/** The event's project, made where it is not there yet: a job's first event may be the first that we hear of its project. */
export function touchProject(draft: Draft, event: StoredEvent): Project {
  const known = draft.projects.get(event.project_id);
  const project: Project = known
    ? { ...known, updated_at: event.timestamp }
    : {
        project_id: event.project_id,
        name: event.project_id,
        path: null,
        repository: null,
        registered: false,
        last_scan: null,
        updated_at: event.timestamp,
      };
  draft.projects.set(event.project_id, project);
  return project;
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
    draft.notices = draft.notices.filter((notice) => notice.project_id !== project_id);
  }
}
