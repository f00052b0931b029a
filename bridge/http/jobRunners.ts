/** Owns who runs which job: the sockets that a cancel is told to. */
import { problem } from "../../shared/protocol/problem.ts";
import { hasEnded, type State } from "../../shared/state/state.ts";

export interface JobRunner {
  /** Somebody asks that the job be stopped. */
  cancelRequested(jobId: string, reason: string | null): void;
}

export class JobRunners {
  readonly #runners = new Map<string, Set<JobRunner>>();

  /** This runner runs the job, until it is disposed. */
  attach(jobId: string, runner: JobRunner): Disposable {
    const runners = this.#runners.get(jobId) ?? new Set();
    this.#runners.set(jobId, runners.add(runner));
    return {
      [Symbol.dispose]: () => {
        runners.delete(runner);
        if (runners.size === 0 && this.#runners.get(jobId) === runners) this.#runners.delete(jobId);
      },
    };
  }

  /**
   * Tells a job's runners to stop it. That it has stopped is theirs to say, with `job.canceled`.
   *
   * @throws ProblemError `unknown_job`, or `not_cancelable` when it has ended or nobody who runs it is connected.
   */
  cancel(jobId: string, reason: string | null, state: State): void {
    const job = state.jobs.get(jobId);
    const runners = this.#runners.get(jobId);
    if (job === undefined && runners === undefined) {
      throw problem("unknown_job", `There is no job "${jobId}".`);
    }
    if (job !== undefined && hasEnded(job.state)) {
      throw problem("not_cancelable", `The job "${jobId}" has ended already: it is ${job.state}.`, {
        context: { job_state: job.state },
      });
    }
    if (runners === undefined) {
      throw problem("not_cancelable", `Nobody who could stop the job "${jobId}" is connected to the bridge.`, {
        context: { job_state: job?.state ?? null },
      });
    }
    for (const runner of runners) runner.cancelRequested(jobId, reason);
  }
}
