import { describe, expect, it } from "vitest";
import { parseFrame } from "../../../shared/client/eventReader.ts";
import { advance } from "../../../shared/client/readerPosition.ts";
import type { Cursor } from "../../../shared/protocol/cursor.ts";

const A = "aaaaaaaa";
const B = "bbbbbbbb";
const at = (seq: number, epoch = A): Cursor => ({ epoch, seq });
const event = (seq: number, id = `${A}-${seq}`) => ({
  type: "job.started",
  id,
  data: { seq, event_type: "job.started" },
});
const opened = (epoch: string, after: number) => ({
  type: "stream.opened",
  id: "",
  data: { epoch, first_seq: 1, last_seq: 9, after },
});
const gap = (reason: string, id = "") => ({ type: "stream.gap", id, data: { from: 1, to: 4, reason } });
const bookmark = (seq: number) => ({ type: "stream.cursor", id: `${A}-${seq}`, data: { seq } });

describe("where a reader stands after a frame", () => {
  it.each([
    { name: "the first event", from: undefined, frame: event(5), to: at(5), isNew: true },
    { name: "the next event", from: at(5), frame: event(6), to: at(6), isNew: true },
    { name: "an event past others that the filter left out", from: at(5), frame: event(60), to: at(60), isNew: true },
    { name: "the same event again", from: at(5), frame: event(5), to: at(5), isNew: false },
    { name: "an older event again", from: at(5), frame: event(2), to: at(5), isNew: false },
    {
      name: "an event that counts in another store",
      from: at(5),
      frame: event(2, `${B}-2`),
      to: at(2, B),
      isNew: true,
    },
    { name: "an event without an id", from: at(5), frame: event(6, ""), to: at(6), isNew: true },
    { name: "an event after a bare cursor", from: { seq: 5 }, frame: event(6), to: at(6), isNew: true },
    { name: "an old event after a bare cursor", from: { seq: 5 }, frame: event(4), to: { seq: 5 }, isNew: false },
    { name: "the opening of a live stream", from: undefined, frame: opened(A, 9), to: at(9), isNew: true },
    { name: "the opening where it reads on", from: at(5), frame: opened(A, 5), to: at(5), isNew: true },
    { name: "the opening after a bare cursor", from: { seq: 5 }, frame: opened(A, 5), to: at(5), isNew: true },
    { name: "the opening of another store", from: at(5), frame: opened(B, 0), to: at(0, B), isNew: true },
    { name: "a gap that retention made", from: at(0), frame: gap("retention"), to: at(0), isNew: true },
    { name: "a gap that says where it ends", from: at(0), frame: gap("retention", `${A}-4`), to: at(4), isNew: true },
    { name: "a store that was set back", from: at(9), frame: gap("reset"), to: at(0), isNew: true },
    {
      name: "a store that was set back to a place",
      from: at(9),
      frame: gap("reset", `${A}-4`),
      to: at(4),
      isNew: true,
    },
    { name: "a bookmark", from: at(5), frame: bookmark(50), to: at(50), isNew: true },
    { name: "a bookmark that is behind", from: at(50), frame: bookmark(5), to: at(50), isNew: true },
    { name: "a bookmark first of all", from: undefined, frame: bookmark(5), to: at(5), isNew: true },
  ])("$name", ({ from, frame, to, isNew }) => {
    const item = parseFrame({ ...frame, data: JSON.stringify(frame.data) });
    if (item === undefined) throw new Error("The frame was not understood");
    expect(advance(from, item)).toEqual({ position: to, isNew });
  });

  it.each([
    { name: "no JSON", data: "{" },
    { name: "no object", data: "7" },
    { name: "no seq", data: '{"event_type":"job.started"}' },
    { name: "no type", data: '{"seq":1}' },
  ])("understands no frame with $name", ({ data }) => {
    expect(parseFrame({ type: "job.started", id: "", data })).toBeUndefined();
  });
});
