/** Owns the demo from its beginning to its end. */
import { playUntilStopped } from "./demoSession.ts";
import { DemoStage, type DemoStageOptions } from "./demoStage.ts";
import { playDeploy } from "./sessions/deploy.ts";
import { playLoginForm } from "./sessions/loginForm.ts";
import { playTestRun } from "./sessions/testRun.ts";

const SESSIONS = [playLoginForm, playTestRun, playDeploy];

/** Answers how it ended: played to its end, stopped by the signal, or removed by somebody meanwhile. */
export async function playDemo(options: DemoStageOptions): Promise<"played" | "stopped" | "removed"> {
  await using stage = new DemoStage(options);
  await stage.open();
  await Promise.all(SESSIONS.map((play) => playUntilStopped(play(stage))));
  if (stage.isRemoved) return "removed";
  return options.interrupted.aborted ? "stopped" : "played";
}
