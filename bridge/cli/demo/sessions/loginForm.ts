/** Owns the demo's first session: an agent that finds out why a login form fails, mends it, and asks whether it may push. */

import { demoUsage } from "../demoJob.ts";
import { DEMO_AGENT } from "../demoProject.ts";
import { DemoSession } from "../demoSession.ts";
import type { DemoStage } from "../demoStage.ts";
import { TEST_RUN } from "./testRun.ts";

const DIFF = `--- a/src/login/LoginForm.tsx
+++ b/src/login/LoginForm.tsx
@@ -21,7 +21,7 @@ export function LoginForm({ onLogin }: Props) {
   async function submit(form: FormData) {
     const name = String(form.get("name")).trim();
-    const password = String(form.get("password")).trim();
+    const password = String(form.get("password"));
     const answer = await onLogin({ name, password });
     if (!answer.ok) setError(answer.reason);
   }
`;

export async function playLoginForm(stage: DemoStage): Promise<void> {
  const session = await DemoSession.open(stage, {
    id: "login-form",
    name: "Login form",
    branch: "fix/login-form",
    agent: DEMO_AGENT,
  });
  await session.until(1);
  await session.job("Find out why some people cannot log in", async (job) => {
    await job.print("I'll begin with how the form sends what was typed.");
    await job.tool({ tool: "Grep", summary: "password in src/login", minutes: 1 });
    await job.tool({ tool: "Read", file: "src/login/LoginForm.tsx", minutes: 2 });
    await job.tool({ tool: "Read", file: "server/auth/verify.ts", minutes: 2 });
    await job.tool({
      tool: "Bash",
      summary: "npm test -- login",
      minutes: 5,
      prints: [
        "\u001b[32m✓\u001b[39m logs in with a plain password",
        "\u001b[31m✗\u001b[39m logs in with a password that ends with a space",
        "\u001b[31m1 failed\u001b[39m, \u001b[32m8 passed\u001b[39m",
      ],
      error: "1 of 9 tests failed",
    });
    await job.print("The form trims the password; the server does not. Whoever has a space at its end is locked out.");
    await job.complete("The form trims passwords and the server does not", demoUsage(4_100, 1_900, 0.11));
  });

  await session.until(16);
  await session.job("Mend it, with a test, and push the branch", async (job) => {
    await job.tool({ tool: "Edit", file: "src/login/LoginForm.tsx", minutes: 3, diffStat: "+1 -1" });
    await job.tool({ tool: "Write", file: "src/login/LoginForm.test.tsx", minutes: 6, diffStat: "+34 -0" });
    await job.print("A name is still trimmed, a password never.");
    await job.tool({
      tool: "Bash",
      summary: "npm test -- login",
      minutes: 6,
      prints: ["\u001b[32m✓\u001b[39m 11 tests", "\u001b[32m11 passed\u001b[39m"],
    });
    await job.until(48);
    await session.send(TEST_RUN, "Passwords are not trimmed any more: the login tests need the new fixture.");
    await job.tool({ tool: "Bash", summary: "git commit", minutes: 2 });
    await job.until(60);
    const { isApproved, reason } = await job.ask({
      scope: "push",
      action: "git push origin fix/login-form",
      reason: "It is only a demo: nothing is pushed, whatever you answer",
      context: { agent: DEMO_AGENT, diff: DIFF },
    });
    const outcome = { files_changed: ["src/login/LoginForm.tsx", "src/login/LoginForm.test.tsx"], diff_stat: "+35 -1" };
    const spent = { ...outcome, ...demoUsage(9_800, 5_200, 0.34) };
    if (isApproved) {
      await job.tool({ tool: "Bash", summary: "git push origin fix/login-form", minutes: 3 });
      await job.complete("Mended, tested and pushed", spent);
    } else {
      const why = reason === null ? "" : ` (${reason})`;
      await job.print(`I was not allowed to push${why}, so the branch stays here.`);
      await job.complete(`Mended and tested; not pushed${why}`, spent);
    }
  });
}
