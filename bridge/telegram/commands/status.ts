/** Owns `/status`: what runs and what waits, at a glance. */
import { fmt, join } from "telegraf/format";
import { hasEnded } from "../../../shared/state/state.ts";
import { count } from "../../../shared/text/jobText.ts";
import { maySee } from "../chats/audience.ts";
import type { ChatCommand, CommandServices } from "./commandContext.ts";
import { visibleJobs } from "./findJob.ts";
import { jobLine } from "./jobLine.ts";

const MAX_JOBS = 15;

export function statusCommand({ approvals, projection, warnings }: CommandServices): ChatCommand {
  return {
    name: "status",
    description: "What runs and what waits",
    run: ({ chat }) => {
      const active = visibleJobs(projection.state, chat).filter((job) => !hasEnded(job.state));
      const waiting = approvals.list({ state: "pending" }).filter((approval) => maySee(chat, approval)).length;
      const summary = [
        active.length === 0 ? "Nothing runs." : `${count(active.length, "job", "jobs")} at work.`,
        waiting === 0 ? "No approval waits." : `${count(waiting, "approval waits", "approvals wait")}: /approvals`,
      ].join(" ");
      const left = active.length - MAX_JOBS;
      const lines = [
        summary,
        ...active.slice(0, MAX_JOBS).map(jobLine),
        ...(left > 0 ? [`…and ${left} more`] : []),
        ...warnings().map((warning) => `⚠️ ${warning}`),
      ];
      return fmt(join(lines, "\n"));
    },
  };
}
