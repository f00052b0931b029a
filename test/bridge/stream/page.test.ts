import { describe, expect, it } from "vitest";
import { cutPage } from "../../../bridge/stream/page.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";

const stored = (seq: number, text = ""): StoredEvent => ({
  event_id: `00000000-0000-7000-8000-${String(seq).padStart(12, "0")}`,
  event_type: "job.progress",
  timestamp: "2026-11-23T00:00:00.000Z",
  source: { component: "test", instance_id: "1" },
  project_id: "p",
  session_id: null,
  job_id: "j",
  data: { message: text },
  visibility: "public",
  recipients: ["all"],
  seq,
});

/** Stretches in short: `1 2 3` for events, `lost 4-5` for what is lost. */
const shorten = (stretches: ReturnType<typeof cutPage>) =>
  stretches.map((stretch) =>
    stretch.kind === "events"
      ? stretch.events.map(({ event }) => event.seq).join(" ")
      : `${stretch.kind} ${stretch.range.from}-${stretch.range.to}`,
  );

describe("a page's stretches", () => {
  it.each([
    { what: "nothing", seqs: [], lost: [], after: 0, until: 9, expected: [] },
    { what: "events alone", seqs: [1, 2], lost: [], after: 0, until: 2, expected: ["1 2"] },
    {
      what: "damage between events",
      seqs: [1, 5],
      lost: [{ from: 2, to: 4 }],
      after: 0,
      until: 5,
      expected: ["1", "lost 2-4", "5"],
    },
    {
      what: "what is left between thinned events, behind one notice that names all of it",
      seqs: [1, 4, 6, 9],
      lost: [],
      thinned: [{ from: 2, to: 7 }],
      after: 0,
      until: 9,
      expected: ["1", "thinned 2-7", "4 6 9"],
    },
    {
      what: "a thinned stretch that goes on behind the page",
      seqs: [4],
      lost: [],
      thinned: [{ from: 2, to: 70 }],
      after: 3,
      until: 4,
      expected: ["thinned 4-70", "4"],
    },
    {
      what: "damage in a thinned stretch",
      seqs: [3, 6],
      lost: [{ from: 4, to: 5 }],
      thinned: [{ from: 2, to: 7 }],
      after: 0,
      until: 9,
      expected: ["thinned 2-7", "3", "lost 4-5", "6"],
    },
    {
      what: "a thinned stretch of which nothing is left",
      seqs: [],
      lost: [],
      thinned: [{ from: 2, to: 7 }],
      after: 0,
      until: 7,
      expected: ["thinned 2-7"],
    },
    {
      what: "no thinned stretch that lies before or behind",
      seqs: [5],
      lost: [],
      thinned: [
        { from: 1, to: 4 },
        { from: 6, to: 7 },
      ],
      after: 4,
      until: 5,
      expected: ["5"],
    },
    {
      what: "damage at both ends",
      seqs: [3],
      lost: [
        { from: 1, to: 2 },
        { from: 4, to: 5 },
      ],
      after: 0,
      until: 5,
      expected: ["lost 1-2", "3", "lost 4-5"],
    },
    {
      what: "damage that was passed already, in part",
      seqs: [5],
      lost: [{ from: 1, to: 4 }],
      after: 3,
      until: 5,
      expected: ["lost 4-4", "5"],
    },
    {
      what: "damage behind the page",
      seqs: [1],
      lost: [{ from: 2, to: 3 }],
      after: 0,
      until: 1,
      expected: ["1"],
    },
    {
      what: "damage alone",
      seqs: [],
      lost: [{ from: 2, to: 3 }],
      after: 1,
      until: 9,
      expected: ["lost 2-3"],
    },
  ])("$what", ({ seqs, lost, thinned = [], after, until, expected }) => {
    const events = seqs.map((seq) => stored(seq));
    expect(shorten(cutPage({ events, lost, thinned, after, until }))).toEqual(expected);
  });

  it("writes large events a few at a time", () => {
    const events = [1, 2, 3, 4, 5].map((seq) => stored(seq, "x".repeat(100_000)));
    expect(shorten(cutPage({ events, lost: [], after: 0, until: 5 }))).toEqual(["1 2 3", "4 5"]);
  });
});
