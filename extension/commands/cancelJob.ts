/** Owns "Cancel Job". Its runner is asked to stop it; that it has stopped is news of its own. */
import { window } from "vscode";
import { hasEnded } from "../../shared/state/state.ts";
import { jobLabel } from "../text/jobText.ts";
import { withoutLinks } from "../text/untrusted.ts";
import type { Command } from "./commandContext.ts";
import { pickJob } from "./pickJob.ts";

const MAX_LABEL_LENGTH = 80;

export const cancelJob: Command = async ({ store }, argument) => {
  const job = await pickJob(store, argument, {
    title: "Televibe: Cancel Job",
    isOffered: ({ state }) => !hasEnded(state),
    none: "No job is running.",
  });
  if (job === undefined) return;
  const choice = await window.showWarningMessage(
    withoutLinks(`Cancel "${jobLabel(job, MAX_LABEL_LENGTH)}"?`),
    { modal: true, detail: "Its runner is asked to stop it. What it has done so far stays." },
    "Cancel Job",
  );
  if (choice === "Cancel Job") await store.client.cancel(job.job_id, "Canceled in VS Code");
};
