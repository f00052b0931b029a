/** Owns the events that a job under `televibe run` tells of itself. */
import { v7 as newEventId } from "uuid";
import type { EventInput } from "../../../shared/events/event.ts";
import { formatDuration } from "../../../shared/text/duration.ts";
import type { Changes } from "../../git/changes.ts";
import type { Place } from "../../git/place.ts";
import type { JobEnd } from "./jobProcess.ts";

export interface JobDescription {
  readonly jobId: string;
  readonly place: Place;
  readonly instruction: string;
  readonly command: readonly string[];
  readonly workspace: string;
}

export class JobEvents {
  readonly #job: JobDescription;
  readonly #startMs: number;
  readonly #nowMs: () => number;

  constructor(job: JobDescription, nowMs: () => number) {
    this.#job = job;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  sessionCreated(): EventInput {
    const { place, workspace } = this.#job;
    const branch = place.branch === null ? {} : { branch: place.branch };
    return this.#event("session.created", { name: place.session, workspace: place.worktree ?? workspace, ...branch });
  }

  queued(): EventInput {
    return this.#event("job.queued", this.#where());
  }

  started(pid: number | undefined): EventInput {
    return this.#event("job.started", {
      ...this.#where(),
      command: [...this.#job.command],
      ...(pid === undefined ? {} : { pid }),
    });
  }

  progress(line: string): EventInput {
    return this.#event("job.progress", { type: "output", message: line });
  }

  /** `canceled` is the reason that was given, when somebody had it stopped. */
  ended(
    end: JobEnd,
    changes: Changes | undefined,
    canceled: { readonly reason: string | null } | undefined,
  ): EventInput {
    const seconds = (this.#nowMs() - this.#startMs) / 1000;
    const facts = {
      duration_seconds: seconds,
      ...(end.exitCode === null ? {} : { exit_code: end.exitCode }),
      ...(end.signal === null ? {} : { signal: end.signal }),
      ...changes,
      ...(this.#job.place.branch === null ? {} : { branch: this.#job.place.branch }),
    };
    if (canceled !== undefined) return this.#event("job.canceled", { ...facts, reason: canceled.reason ?? "Canceled" });
    if (end.exitCode === 0)
      return this.#event("job.completed", { ...facts, success: true, summary: summaryOf(seconds, changes) });
    // Ctrl-C is a person's wish, not a failure.
    if (end.signal === "SIGINT" || end.exitCode === 130)
      return this.#event("job.canceled", { ...facts, reason: "Interrupted" });
    return this.#event("job.failed", { ...facts, error: errorOf(end, this.#job.command) });
  }

  #where(): Record<string, unknown> {
    const { instruction, workspace, place } = this.#job;
    return { instruction, workspace, ...(place.branch === null ? {} : { branch: place.branch }) };
  }

  #event(event_type: string, data: Record<string, unknown>): EventInput {
    const { jobId, place } = this.#job;
    return {
      event_id: newEventId(),
      event_type,
      timestamp: new Date(this.#nowMs()).toISOString(),
      source: { component: "run", instance_id: jobId },
      project_id: place.project,
      session_id: place.session,
      job_id: event_type.startsWith("job.") ? jobId : null,
      data,
    };
  }
}

function summaryOf(seconds: number, changes: Changes | undefined): string {
  const count = changes?.files_changed.length ?? 0;
  const files = count === 0 ? "" : count === 1 ? ", changed 1 file" : `, changed ${count} files`;
  return `Done in ${formatDuration(seconds)}${files}`;
}

function errorOf({ exitCode, signal, spawnError }: JobEnd, command: readonly string[]): string {
  if (spawnError?.code === "EACCES") return `${command[0]} may not be executed`;
  if (spawnError?.code === "ENOENT") return `${command[0]} was not found`;
  if (spawnError !== null) return spawnError.message;
  return signal === null ? `Exit code ${exitCode}` : `Ended by ${signal}`;
}
