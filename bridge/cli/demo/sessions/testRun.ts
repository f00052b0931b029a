/** Owns the demo's second session: a long test run, with its progress and a log in colours. */
import { DemoSession } from "../demoSession.ts";
import type { DemoStage } from "../demoStage.ts";

export const TEST_RUN = "test-run";

const SUITES = ["cart", "catalogue", "checkout", "invoices", "login", "mail", "prices", "refunds", "search", "stock"];
const TESTS_A_SUITE = 21;
const FIRST_MINUTE = 8;
const MINUTES_A_SUITE = 5.6;

export async function playTestRun(stage: DemoStage): Promise<void> {
  const session = await DemoSession.open(stage, { id: TEST_RUN, name: "Test run", branch: "main" });
  await session.until(FIRST_MINUTE);
  await session.job("npm test", async (job) => {
    await job.print("", "> shop@2.3.0 test", "> vitest run", "");
    const total = SUITES.length * TESTS_A_SUITE;
    for (const [index, suite] of SUITES.entries()) {
      await job.progress(`${suite}: ${index * TESTS_A_SUITE} of ${total} tests`, (index / SUITES.length) * 100);
      await job.pass(MINUTES_A_SUITE);
      await job.print(
        ` \u001b[32m✓\u001b[39m test/${suite}.test.ts \u001b[2m(${TESTS_A_SUITE} tests)\u001b[22m \u001b[33m${310 + index * 47} ms\u001b[39m`,
      );
    }
    await job.print("", ` \u001b[1mTests\u001b[22m  \u001b[32m${total} passed\u001b[39m (${total})`);
    await job.complete(`${total} tests passed`, { exit_code: 0 });
  });
}
