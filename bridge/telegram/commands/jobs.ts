/** Owns `/jobs`: the newest jobs, ended ones too. */
import { fmt, join } from "telegraf/format";
import type { ChatCommand, CommandServices } from "./commandContext.ts";
import { visibleJobs } from "./findJob.ts";
import { jobLine } from "./jobLine.ts";

const MAX_JOBS = 10;

export function jobsCommand({ projection }: CommandServices): ChatCommand {
  return {
    name: "jobs",
    description: "The newest jobs",
    run: ({ chat }) => {
      const jobs = visibleJobs(projection.state, chat).slice(0, MAX_JOBS);
      return jobs.length === 0 ? "There is no job yet." : fmt(join(jobs.map(jobLine), "\n"));
    },
  };
}
