/** What chats are told while jobs run: at once or together, loud or not, and by their own wishes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { useStores } from "../store/storeFixture.ts";
import { BridgeParts } from "./bridgeParts.ts";

const stores = useStores();
let parts: BridgeParts;
beforeEach(async () => {
  parts = await BridgeParts.start(stores);
});
afterEach(() => parts[Symbol.asyncDispose]());

const progress = (message: string) => parts.publish({ event_type: "job.progress", data: { message } });

describe("routine", () => {
  it("comes together and without a sound", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.publish({ event_type: "job.started", data: { instruction: "build" } });
    // All in one go: on a busy machine the window of a batch could end between two of them.
    await Promise.all(Array.from({ length: 7 }, (_, step) => progress(`step ${step}`)));
    const message = await parts.message(anna, /step 6/);
    expect(message.silent).toBe(true);
    expect(message.text).toContain("…and 3 more");
    expect(parts.server.fromBot(anna.id)).toHaveLength(2);
  });
});

describe("an end", () => {
  it("is a message of its own, with a sound, after what led to it", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.publish({ event_type: "job.started", data: { instruction: "build" } });
    await parts.publish({ event_type: "job.completed", data: { summary: "built" } });
    const done = await parts.message(anna, /Completed: built/);
    expect(done.silent).toBe(false);
    expect(parts.texts(anna).slice(1)).toEqual([
      "🔧 feature-x (shop):\nStarted: build",
      "✅ feature-x (shop):\nCompleted: built\nFiles changed: 0",
    ]);
  });

  it("overtakes nothing of its own job, however much waits", async () => {
    const anna = await parts.pairedUser("Anna");
    parts.server.floods.flood(anna.id, 1);
    for (let round = 0; round < 4; round += 1) {
      await parts.publish({ event_type: "job.started", data: { instruction: `build ${round};` } });
      await parts.publish({ event_type: "job.completed", data: { summary: `built ${round};` } });
    }
    await parts.message(anna, /built 3/);
    const order = parts.texts(anna).flatMap((text) => text.match(/(build|built) \d/g) ?? []);
    expect(order).toEqual([0, 1, 2, 3].flatMap((round) => [`build ${round}`, `built ${round}`]));
  });

  it("that comes hours late makes no sound, and routine of then is not told", async () => {
    const anna = await parts.pairedUser("Anna");
    const timestamp = "2026-01-01T00:00:00Z";
    await parts.publish({ event_type: "job.started", timestamp, data: { instruction: "build" } });
    await parts.publish({ event_type: "job.failed", timestamp, data: { error: "boom" } });
    expect((await parts.message(anna, /boom/)).silent).toBe(true);
    await parts.settled(anna);
    expect(parts.texts(anna).join()).not.toContain("Started");
  });
});

describe("what is not for a chat", () => {
  it("internal events, other chats' events, tasks and projects are not told", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.publish({ event_type: "job.failed", visibility: "internal", data: { error: "secret-1" } });
    await parts.publish({ event_type: "job.failed", recipients: ["1"], data: { error: "secret-2" } });
    await parts.publish({ event_type: "task.created", data: { task_id: "t", title: "secret-3" } });
    await parts.publish({ event_type: "project.registered", data: { path: "/secret-4" } });
    await parts.publish({ event_type: "job.failed", recipients: [String(anna.id)], data: { error: "for you" } });
    await parts.message(anna, /for you/);
    await parts.settled(anna);
    expect(parts.texts(anna).join()).not.toContain("secret");
  });

  it("nor what it does not want to hear", async () => {
    const anna = await parts.pairedUser("Anna");
    anna.sends("/level errors");
    await parts.message(anna, /failures and approvals/);
    await parts.publish({ event_type: "job.completed", data: { summary: "built" } });
    await parts.publish({ event_type: "job.failed", data: { error: "boom" } });
    await parts.message(anna, /boom/);
    anna.sends("/level approvals");
    await parts.message(anna, /approvals alone/);
    await parts.publish({ event_type: "job.failed", data: { error: "bang" } });
    await parts.ask("git push");
    await parts.card(anna, "git push");
    anna.sends("/level off");
    await parts.message(anna, /nothing at all/);
    await parts.ask("git pull");
    await parts.settled(anna);
    expect(parts.texts(anna).join()).not.toMatch(/built|bang|git pull/);
    // What waited is asked once it is wanted.
    anna.sends("/level all");
    await parts.card(anna, "git pull");
  });

  it("nor anything but approvals, without a sound, while it is muted", async () => {
    const anna = await parts.pairedUser("Anna");
    anna.sends("/mute 2h");
    await parts.message(anna, /Quiet for 2h 0m/);
    await parts.publish({ event_type: "job.failed", data: { error: "boom" } });
    await parts.ask("git push");
    expect((await parts.card(anna, "git push")).silent).toBe(true);
    parts.shiftMs = 2 * 3_600_000 + 1000;
    await parts.publish({
      event_type: "job.failed",
      timestamp: new Date(Date.now() + parts.shiftMs).toISOString(),
      data: { error: "bang" },
    });
    await parts.message(anna, /bang/);
    expect(parts.texts(anna).join()).not.toContain("boom");
  });
});

it("goes on when Telegram was away", async () => {
  const anna = await parts.pairedUser("Anna");
  parts.server.goDown();
  await parts.publish({ event_type: "job.failed", data: { error: "boom" } });
  await eventually("the message to be under way", () => parts.telegram.status().queued_messages > 0);
  parts.server.comeBack();
  await parts.message(anna, /boom/);
});
