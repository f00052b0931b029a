/** Owns "Copy Id": the narrowest id of a row, as the command line takes it. */
import { env, window } from "vscode";
import { readTarget } from "../store/target.ts";
import type { Command } from "./commandContext.ts";

export const copyId: Command = async (_, argument) => {
  const { approval_id, call_id, job_id, session_id, project_id } = readTarget(argument) ?? {};
  const id = approval_id ?? call_id ?? job_id ?? session_id ?? project_id;
  if (id === undefined) return;
  await env.clipboard.writeText(id);
  window.setStatusBarMessage(`Copied ${id}`, 3000);
};
