/** Owns the demo's third session: a deploy that fails when it looks whether it went well. */
import { DemoSession } from "../demoSession.ts";
import type { DemoStage } from "../demoStage.ts";

const STEPS = [
  { message: "Building the image", percent: 10, minutes: 6, says: "Built shop:2.3.0 (184 MB)" },
  { message: "Pushing the image", percent: 40, minutes: 4, says: "Pushed to registry.example" },
  { message: "Starting 4 instances", percent: 60, minutes: 6, says: "4 of 4 instances have started" },
  {
    message: "Waiting until they are well",
    percent: 80,
    minutes: 6,
    says: "\u001b[31mGET /health: 503, 5 times\u001b[39m",
  },
] as const;

export async function playDeploy(stage: DemoStage): Promise<void> {
  const session = await DemoSession.open(stage, { id: "deploy", name: "Deploy", branch: "release/2.3" });
  await session.until(30);
  await session.job("make deploy", async (job) => {
    for (const { message, percent, minutes, says } of STEPS) {
      await job.progress(message, percent);
      await job.print(`\u001b[36m==>\u001b[39m ${message}`);
      await job.pass(minutes);
      await job.print(`    ${says}`);
    }
    await job.print("\u001b[31mmake: *** [deploy] Error 1\u001b[39m");
    await job.fail("The new instances are not well (503), so the old ones stay", { exit_code: 1 });
  });
}
