import { describe, expect, it } from "vitest";
import { PublishQueue } from "../../../shared/client/publishQueue.ts";
import { type ProblemCode, problem } from "../../../shared/protocol/problem.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import { MAX_BATCH_EVENTS } from "../../../shared/protocol/version.ts";

const event = (message: string) => ({ event_type: "job.progress", project_id: "p", job_id: "j", data: { message } });
const messageOf = (text: string): string => JSON.parse(text).data.message;
const result = (event_id: string): PublishResult => ({ event_id, seq: 1, duplicate: false });

/** What was sent, a list a frame; each event's result has its message as its id. A call with "bad" in it is refused. */
function recorder(failure?: ProblemCode) {
  const frames: string[][] = [];
  const queue = new PublishQueue(async (calls) => {
    const messages = calls.map((events) => events.map(messageOf));
    frames.push(messages.flat());
    if (failure !== undefined) throw problem(failure, "It takes nothing now");
    return messages.map((each) =>
      each.includes("bad") ? problem("invalid_event", `It does not take ${each.join()}`) : each.map(result),
    );
  });
  return { frames, queue };
}

describe("publishing together", () => {
  it("sends the calls of one turn as one frame, in order, and gives each its own results", async () => {
    const { frames, queue } = recorder();
    const answers = await Promise.all([queue.add([event("a")]), queue.add([event("b"), event("c")]), queue.add([])]);
    expect(frames).toEqual([["a", "b", "c"]]);
    expect(answers).toEqual([[result("a")], [result("b"), result("c")], []]);
    await queue.add([event("d")]);
    expect(frames).toEqual([["a", "b", "c"], ["d"]]);
  });

  it("sends the first of many calls while the rest of them is still being made", async () => {
    const { frames, queue } = recorder();
    const messages = Array.from({ length: 70 }, (_, index) => String(index));
    const adding = messages.map((message) => queue.add([event(message)]));
    expect(frames).toEqual([messages.slice(0, 32), messages.slice(32, 64)]);
    expect((await Promise.all(adding)).flat()).toEqual(messages.map(result));
    expect(frames.flat()).toEqual(messages);
  });

  it("lets nothing overtake a call that is too much for one frame", async () => {
    const { frames, queue } = recorder();
    const many = Array.from({ length: MAX_BATCH_EVENTS + 500 }, (_, index) => String(index));
    const [first, second] = await Promise.all([queue.add(many.map(event)), queue.add([event("behind")])]);
    expect(frames.flat()).toEqual([...many, "behind"]);
    expect([first?.length, second?.length]).toEqual([many.length, 1]);
  });

  it("sends what waits before anything else when it is told to", () => {
    const { frames, queue } = recorder();
    const added = queue.add([event("a")]);
    expect(frames).toEqual([]);
    queue.flush();
    expect(frames).toEqual([["a"]]);
    queue.flush();
    expect(frames).toHaveLength(1);
    return added;
  });

  it("lets one that the bridge does not take fail by itself, and sends none again", async () => {
    const { frames, queue } = recorder();
    const answers = await Promise.allSettled(["a", "bad", "b"].map((message) => queue.add([event(message)])));
    expect(frames).toEqual([["a", "bad", "b"]]);
    expect(answers).toMatchObject([
      { status: "fulfilled", value: [result("a")] },
      { status: "rejected", reason: { code: "invalid_event" } },
      { status: "fulfilled", value: [result("b")] },
    ]);
  });

  it("tells each call when the bridge itself is in trouble", async () => {
    const { frames, queue } = recorder("store_unavailable");
    const answers = await Promise.allSettled(["a", "b"].map((message) => queue.add([event(message)])));
    expect(frames).toEqual([["a", "b"]]);
    expect(answers).toMatchObject([
      { reason: { code: "store_unavailable" } },
      { reason: { code: "store_unavailable" } },
    ]);
  });

  it("fills frames up to what the bridge takes", async () => {
    const { frames, queue } = recorder();
    const count = MAX_BATCH_EVENTS - 1;
    const many = (name: string) => Array.from({ length: count }, (_, index) => event(`${name}${index}`));
    const [first, second, third] = await Promise.all([
      queue.add(many("a")),
      queue.add([event("b"), event("c")]),
      queue.add([event("d")]),
    ]);
    expect(frames.map((frame) => frame.length)).toEqual([count, 3]);
    expect([first.length, second.length, third.length]).toEqual([count, 2, 1]);
  });
});
