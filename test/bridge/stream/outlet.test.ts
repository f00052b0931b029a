import { describe, expect, it } from "vitest";
import { type CutReason, Outlet } from "../../../bridge/stream/outlet.ts";

const LIMITS = { maxQueuedBytes: 100, maxQueuedEvents: 5, stallTimeoutMs: 10_000 };

/** A connection whose kernel takes only what the test says. */
function fakeConnection() {
  const queue: { size: number; onFlushed: (() => void) | undefined }[] = [];
  const cuts: CutReason[] = [];
  let written = 0;
  const target = {
    write: (buffer: Buffer, onFlushed: (() => void) | undefined) => {
      written += 1;
      queue.push({ size: buffer.length, onFlushed });
    },
    bufferedBytes: () => queue.reduce((sum, { size }) => sum + size, 0),
    end: () => undefined,
    cut: () => undefined,
    destroy: () => undefined,
  };
  const outlet = new Outlet({ target, nowMs: 0, limits: LIMITS, onCut: (reason) => cuts.push(reason) });
  const take = () => queue.shift()?.onFlushed?.();
  return { outlet, cuts, take, written: () => written };
}

describe("a connection's outlet", () => {
  it("lets one large batch through: what waited before it decides", () => {
    const { outlet, cuts, written } = fakeConnection();
    outlet.write(Buffer.alloc(500), 50);
    expect({ written: written(), cuts }).toEqual({ written: 1, cuts: [] });
  });

  it("cuts a reader for which too many bytes wait", () => {
    const { outlet, cuts, written } = fakeConnection();
    outlet.write(Buffer.alloc(101), 1);
    outlet.write(Buffer.alloc(1), 1);
    expect({ written: written(), cuts, isClosed: outlet.closed.aborted }).toEqual({
      written: 1,
      cuts: ["slow"],
      isClosed: true,
    });
  });

  it("cuts a reader for which too many events wait", () => {
    const { outlet, cuts } = fakeConnection();
    outlet.write(Buffer.alloc(1), 6);
    outlet.write(Buffer.alloc(1), 1);
    expect(cuts).toEqual(["slow"]);
  });

  it("counts anew once everything was taken", () => {
    const { outlet, cuts, take } = fakeConnection();
    for (let count = 0; count < 20; count += 1) {
      outlet.write(Buffer.alloc(90), 5);
      take();
    }
    expect(cuts).toEqual([]);
  });

  it("writes nothing after the cut", () => {
    const { outlet, cuts, written } = fakeConnection();
    outlet.write(Buffer.alloc(101), 1);
    outlet.write(Buffer.alloc(1), 1);
    outlet.write(Buffer.alloc(1), 1);
    expect({ written: written(), cuts }).toEqual({ written: 1, cuts: ["slow"] });
  });

  it("cuts a reader that takes nothing for ten seconds, and not one that takes a little", () => {
    const stalled = fakeConnection();
    const slow = fakeConnection();
    for (const { outlet } of [stalled, slow]) {
      outlet.write(Buffer.alloc(10), 1);
      outlet.write(Buffer.alloc(10), 1);
      outlet.write(Buffer.alloc(10), 1);
      outlet.checkProgress(0);
    }
    slow.take();
    for (const { outlet } of [stalled, slow]) outlet.checkProgress(9_999);
    expect([stalled.cuts, slow.cuts]).toEqual([[], []]);
    for (const { outlet } of [stalled, slow]) outlet.checkProgress(10_000);
    expect([stalled.cuts, slow.cuts]).toEqual([["stalled"], []]);
  });

  it("never calls an idle connection stalled", () => {
    const { outlet, cuts } = fakeConnection();
    outlet.checkProgress(60_000);
    outlet.write(Buffer.alloc(10), 1);
    outlet.checkProgress(65_000);
    expect(cuts).toEqual([]);
  });

  it("lets a writer wait until its buffer was taken, or the connection is gone", async () => {
    const { outlet, take } = fakeConnection();
    const first = outlet.flush(Buffer.alloc(10), 1);
    take();
    await first;
    const second = outlet.flush(Buffer.alloc(10), 1);
    outlet.didClose();
    await second;
    await outlet.flush(Buffer.alloc(10), 1);
  });
});
