/** Owns what the README's picture shows: a moment in which one agent works, two ask, and a check has gone wrong. */
import type { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import { happeningIn, toolUse } from "./narration.ts";
import { DIFF, ROUNDING_LOG } from "./texts.ts";

/** Of five minutes, twenty seconds after the last question. */
const TIME_LEFT_MS = 280_000;
/** Where Ada keeps her projects: it is named alone, so it need not be there. */
const HOME = "/home/ada";
const ROUNDING_JOB = "claude-rounding";

/** What the rows and the notification are found by. */
export const FOLLOWED_JOB = "Round every total to whole cents";
export const ASKING_JOB = "Limit requests by client";
export const ASKED_EDIT = "Edit src/checkout/giftCard.ts";
export const ASKED_COMMAND = "git push origin fix/rate-limit";

/** All that has happened before the last question. */
export async function setTheScene(client: BridgeClient): Promise<void> {
  await publish(client, [...project("api"), ...project("docs"), ...project("shop")]);
  await publish(client, [...codexCountsRequests(), ...docsAreChecked(), ...claudeRounds(), ...claudeAsksForAnEdit()]);
  await client.appendLog(ROUNDING_JOB, Buffer.from(ROUNDING_LOG), 0);
}

/** The last question, whose time to be answered runs out. */
export async function askForThePush(client: BridgeClient): Promise<void> {
  await publish(client, [
    inRateLimit(0.3, "job.approval_needed", {
      scope: "command",
      action: ASKED_COMMAND,
      reason: "The tests are green",
      context: { agent: "codex", tool: "Bash", command: ASKED_COMMAND, cwd: `${HOME}/api` },
      expires_at: new Date(Date.now() + TIME_LEFT_MS).toISOString(),
    }),
  ]);
}

function project(name: string): readonly EventInput[] {
  return [happeningIn({ project_id: name })(90, "project.registered", { name })];
}

const inRateLimit = happeningIn({ project_id: "api", session_id: "codex-1", job_id: "codex-rate-limit" });

function codexCountsRequests(): readonly EventInput[] {
  const branch = "fix/rate-limit";
  return [
    inRateLimit(34, "session.created", { name: `Codex on ${branch}`, agent: "codex", branch }),
    inRateLimit(9, "job.started", { instruction: ASKING_JOB, agent: "codex", branch }),
    ...toolUse(inRateLimit, 8, { tool: "apply_patch", file: "src/limiter.ts", diff_stat: "+31 -12" }, 0.4),
    ...toolUse(inRateLimit, 4, { tool: "Bash", summary: "npm test -- limiter" }, 41),
  ];
}

function docsAreChecked(): readonly EventInput[] {
  const session = { project_id: "docs", session_id: "main" };
  const build = happeningIn({ ...session, job_id: "build" });
  const check = happeningIn({ ...session, job_id: "check" });
  return [
    happeningIn(session)(60, "session.created", { name: "main", branch: "main" }),
    build(18, "job.started", { instruction: "npm run build" }),
    build(17, "job.completed", { exit_code: 0, duration_seconds: 48 }),
    check(15, "job.started", { instruction: "npm run check-links" }),
    check(14, "job.failed", { error: "2 links lead nowhere", exit_code: 1, duration_seconds: 73 }),
  ];
}

function claudeRounds(): readonly EventInput[] {
  const branch = "fix/rounding";
  const session = { project_id: "shop", session_id: "claude-1" };
  const firstTurn = happeningIn({ ...session, job_id: "claude-invoices" });
  const tell = happeningIn({ ...session, job_id: ROUNDING_JOB });
  return [
    happeningIn(session)(12, "session.created", { name: `Claude Code on ${branch}`, agent: "claude", branch }),
    firstTurn(12, "job.started", { instruction: "Find the missing cent", agent: "claude", branch }),
    firstTurn(10, "job.completed", { summary: "Totals are rounded twice", duration_seconds: 134 }),
    tell(5, "job.started", { instruction: FOLLOWED_JOB, agent: "claude", branch }),
    ...toolUse(tell, 4.5, { tool: "Read", file: "src/cart.ts" }, 0.1),
    ...toolUse(tell, 4, { tool: "Edit", file: "src/cart.ts", diff_stat: "+14 -9" }, 0.3),
    ...toolUse(tell, 2, { tool: "Write", file: "src/cart.test.ts", diff_stat: "+38 -0" }, 0.2),
    tell(0.5, "job.tool_started", { tool: "Bash", summary: "npm test -- cart" }),
  ];
}

function claudeAsksForAnEdit(): readonly EventInput[] {
  const branch = "feature/gift-cards";
  const tell = happeningIn({ project_id: "shop", session_id: "claude-2", job_id: "claude-gift-cards" });
  return [
    tell(22, "session.created", { name: `Claude Code on ${branch}`, agent: "claude", branch }),
    tell(6, "job.started", { instruction: "Take more than one gift card", agent: "claude", branch }),
    ...toolUse(tell, 5, { tool: "Read", file: "src/checkout/giftCard.ts" }, 0.1),
    tell(2, "job.approval_needed", {
      scope: "edit",
      action: ASKED_EDIT,
      context: {
        agent: "claude",
        tool: "Edit",
        path: `${HOME}/shop/src/checkout/giftCard.ts`,
        cwd: `${HOME}/shop`,
        diff: DIFF,
      },
    }),
  ];
}

async function publish(client: BridgeClient, events: readonly EventInput[]): Promise<void> {
  for (const { problem } of await client.publish(events)) {
    if (problem !== undefined) throw new Error(`The bridge refused a part of the scene: ${problem.detail}`);
  }
}
