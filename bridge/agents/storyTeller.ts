/**
 * Owns writing turns into their jobs' logs: what our events tell, and between it what the agent said, out of its transcript.
 * Agents write their transcripts a little later than they call, so the telling is done behind the call, in its order.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../diagnostics/logger.ts";
import type { LogStore } from "../logs/logStore.ts";
import type { Agent } from "./agent.ts";
import { KeyedQueue } from "./keyedQueue.ts";
import type { StoryPart } from "./plan.ts";
import { textLines } from "./story.ts";
import { TranscriptFollower } from "./transcriptFile.ts";

const LOOK_INTERVAL_MS = 25;
/** Most transcripts that are followed at a time. */
const MAX_FOLLOWED = 200;

export interface StoryTellerOptions {
  readonly logs: Pick<LogStore, "append">;
  /** How long a transcript is waited for. */
  readonly transcriptWaitMs: number;
  readonly log: Logger;
}

export interface Telling {
  readonly agent: Agent;
  readonly sessionId: string;
  readonly transcriptPath: string | undefined;
  /** When the turn began: what was said before is of another one. */
  readonly sinceMs: number;
  readonly part: StoryPart;
}

export class StoryTeller {
  readonly #options: StoryTellerOptions;
  readonly #queue = new KeyedQueue();
  readonly #followers = new Map<string, TranscriptFollower>();

  constructor(options: StoryTellerOptions) {
    this.#options = options;
  }

  /** Resolves once it is told; nobody needs to wait for it but whoever ends the job. */
  tell(telling: Telling): Promise<void> {
    return this.#queue.run(telling.sessionId, async () => {
      try {
        await this.#tell(telling);
      } catch (error) {
        this.#options.log.warn("A turn's log could not be written", { job: telling.part.job_id, error });
      }
    });
  }

  /** Resolves once all that was given so far is told. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async #tell(telling: Telling): Promise<void> {
    const { job_id, lines } = telling.part;
    const said = await this.#saidMeanwhile(telling);
    const all = [...said.flatMap(textLines), ...lines];
    if (all.length > 0) await this.#options.logs.append(job_id, Buffer.from(`${all.join("\n")}\n`));
  }

  /** What was said before the place that the part stands at: what comes behind it is told with the next one. */
  async #saidMeanwhile({ agent, sessionId, transcriptPath, sinceMs, part }: Telling): Promise<readonly string[]> {
    if (transcriptPath === undefined) return [];
    const follower = this.#follower(sessionId, transcriptPath);
    await follower.begin();
    const { until, isEnd } = part;
    if (until === undefined && !isEnd) return [];
    const saidIn = (lines: readonly string[]) =>
      agent
        .readTranscript(lines)
        .flatMap((entry) => (entry.kind === "said" && entry.atMs >= sinceMs ? [entry.text] : []));
    const isMark = (line: string) =>
      until?.kind === "tool_use" ? line.includes(until.id) : saidIn([line]).some((text) => text.trim() === until?.text);
    // Agents that do not write what is looked for, or not here, are not waited for at each of their tools.
    const isWorthWaiting = until !== undefined && (isEnd || !follower.wasInVain);
    await this.#lookFor(follower, isMark, isWorthWaiting ? this.#options.transcriptWaitMs : 0);
    follower.wasInVain = until !== undefined && !follower.has(isMark);
    const lines = (isEnd ? undefined : follower.takeThrough(isMark)) ?? follower.takeAll();
    const isTold = (text: string) => until?.kind === "message" && text.trim() === until.text;
    return saidIn(lines).filter((text) => text.trim() !== "" && !isTold(text));
  }

  async #lookFor(follower: TranscriptFollower, isMark: (line: string) => boolean, waitMs: number): Promise<void> {
    const deadline = performance.now() + waitMs;
    await follower.look();
    while (!follower.has(isMark) && performance.now() < deadline) {
      await delay(LOOK_INTERVAL_MS);
      await follower.look();
    }
  }

  #follower(sessionId: string, path: string): TranscriptFollower {
    const known = this.#followers.get(sessionId);
    if (known?.path === path) return known;
    const follower = new TranscriptFollower(path);
    this.#followers.delete(sessionId);
    this.#followers.set(sessionId, follower);
    const [oldest] = this.#followers.keys();
    if (this.#followers.size > MAX_FOLLOWED && oldest !== undefined) this.#followers.delete(oldest);
    return follower;
  }
}
