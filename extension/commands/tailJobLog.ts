/** Owns "Tail Job Log". */
import type { Command } from "./commandContext.ts";
import { pickJob } from "./pickJob.ts";

export const tailJobLog: Command = async ({ store, showLog }, argument) => {
  const job = await pickJob(store, argument, {
    title: "Televibe: Tail Job Log",
    isOffered: () => true,
    none: "There is no job yet. Run one in a terminal: televibe run -- npm test",
  });
  if (job !== undefined) showLog(job);
};
