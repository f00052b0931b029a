/** Owns finding out whether a tool's use succeeded, where the agent's hooks do not say and its transcript does. */
import { absolutePathIn, cut } from "./hookInput.ts";
import type { Meaning } from "./meaning.ts";
import type { Occasion } from "./occasion.ts";
import { lastLines } from "./transcriptFile.ts";

/** The line that tells it holds all that a command printed. */
const MAX_LOOK_BACK_BYTES = 1024 * 1024;
const MAX_ERROR = 2000;

/** The same meaning, with a failure told as one. */
export async function withExitCode(meaning: Meaning, { agent, input }: Occasion): Promise<Meaning> {
  const path = absolutePathIn(input, "transcript_path");
  if (meaning.kind !== "tool_ended" || !agent.tellsExitCodesInTranscript || path === undefined) return meaning;
  const { use, outcome } = meaning;
  if (use.id === undefined || !outcome.isSuccess) return meaning;
  const lines = (await lastLines(path, MAX_LOOK_BACK_BYTES)).filter((line) => line.includes(use.id ?? ""));
  const end = agent
    .readTranscript(lines)
    .findLast((entry) => entry.kind === "tool_ended" && entry.toolUseId === use.id);
  if (end?.kind !== "tool_ended" || end.exitCode === 0) return meaning;
  const error = cut(`Exit code ${end.exitCode}\n${outcome.output ?? ""}`.trim(), MAX_ERROR);
  return { ...meaning, outcome: { ...outcome, isSuccess: false, error } };
}
