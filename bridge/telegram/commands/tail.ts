/** Owns `/tail [SESSION|JOB] [LINES]` and `/stop`. */
import { jobName } from "../../../shared/text/jobText.ts";
import { FINAL_LINES } from "../tail/tailMessage.ts";
import { placeName } from "../text/place.ts";
import { prose } from "../text/untrusted.ts";
import type { ChatCommand, CommandServices } from "./commandContext.ts";
import { findJob, visibleJobs } from "./findJob.ts";

const DEFAULT_LINES = 20;
const COUNT = /^\d{1,6}$/;

export function tailCommand({ projection, tails }: CommandServices): ChatCommand {
  return {
    name: "tail",
    description: "Follow a log: /tail [session or job] [lines]",
    run: ({ chat, words, threadId }) => {
      const { target, lines } = readWords(words);
      const job = findJob(visibleJobs(projection.state, chat), target);
      if (job === undefined) {
        return target === undefined
          ? "There is no job yet."
          : `There is no session or job "${prose(target, 60)}". /jobs lists them.`;
      }
      const name = `${placeName(job)}, ${prose(jobName(job), 60)}`;
      tails.begin({ chatId: chat.id, threadId, jobId: job.job_id, name, lines });
      return undefined;
    },
  };
}

export function stopCommand({ tails }: CommandServices): ChatCommand {
  return {
    name: "stop",
    description: "Stop following a log",
    run: ({ chat }) => (tails.end(chat.id) ? undefined : "No log is followed here."),
  };
}

/** Both words may be missing; a session may have spaces in its name, and a lone number counts lines. */
function readWords(words: readonly string[]): { readonly target: string | undefined; readonly lines: number } {
  const last = words.at(-1);
  const hasCount = last !== undefined && COUNT.test(last);
  const target = (hasCount ? words.slice(0, -1) : words).join(" ");
  const lines = hasCount ? Math.min(FINAL_LINES, Math.max(1, Number(last))) : DEFAULT_LINES;
  return { target: target === "" ? undefined : target, lines };
}
