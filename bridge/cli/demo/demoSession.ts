/** Owns one session of the demo: it is there, and its jobs follow each other. */
import { DemoJob } from "./demoJob.ts";
import { type DemoStage, DemoStopped } from "./demoStage.ts";

export interface DemoSessionPlace {
  readonly id: string;
  readonly name: string;
  readonly branch: string;
  readonly agent?: string;
}

export class DemoSession {
  readonly #stage: DemoStage;
  readonly #place: DemoSessionPlace;

  private constructor(stage: DemoStage, place: DemoSessionPlace) {
    this.#stage = stage;
    this.#place = place;
  }

  static async open(stage: DemoStage, place: DemoSessionPlace): Promise<DemoSession> {
    const { id, name, branch, agent } = place;
    await stage.tell({
      event_type: "session.created",
      sessionId: id,
      data: { name: `${name} (demo)`, branch, ...(agent === undefined ? {} : { agent }) },
    });
    return new DemoSession(stage, place);
  }

  /** Resolves at a minute of the hour. */
  until(minute: number): Promise<void> {
    return this.#stage.clock.until(minute, this.#stage.signal);
  }

  /** Plays a job to its end. One that is stopped is told to be canceled. @throws DemoStopped */
  async job(instruction: string, play: (job: DemoJob) => Promise<void>): Promise<void> {
    const { id, agent } = this.#place;
    using job = await DemoJob.start(this.#stage, { sessionId: id, instruction, agent });
    try {
      await play(job);
    } catch (error) {
      if (error instanceof DemoStopped) await job.cancel(error.reason);
      throw error;
    }
  }

  /** Tells another session something. */
  async send(toSession: string, message: string): Promise<void> {
    const { id } = this.#place;
    await this.#stage.tell({
      event_type: "coordination.message_sent",
      sessionId: id,
      data: { from_session: id, to_session: toSession, message },
    });
  }
}

/** Plays a session's script as far as it is let. */
export async function playUntilStopped(script: Promise<void>): Promise<void> {
  try {
    await script;
  } catch (error) {
    if (!(error instanceof DemoStopped)) throw error;
  }
}
