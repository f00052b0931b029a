import { describe, expect, it } from "vitest";
import { channelName } from "../../../extension/logs/channelName.ts";
import { endLine } from "../../../extension/logs/endLine.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

const started: EventFacts = { type: "job.started", job: "j1", data: { instruction: "npm test" } };

describe("the last line of a log", () => {
  it.each<{ end: EventFacts | undefined; reads: string }>([
    {
      end: {
        type: "job.completed",
        job: "j1",
        data: { duration_seconds: 12, exit_code: 0, files_changed: ["a", "b", "c"] },
      },
      reads: "— completed in 12s, 3 files changed —",
    },
    {
      end: { type: "job.failed", job: "j1", data: { error: "boom", duration_seconds: 61, exit_code: 2 } },
      reads: "— failed in 1m 1s, exit 2, boom —",
    },
    {
      end: { type: "job.canceled", job: "j1", data: { duration_seconds: 10, signal: "SIGTERM" } },
      reads: "— canceled in 10s, SIGTERM —",
    },
    { end: undefined, reads: "— completed —" },
  ])("reads $reads", ({ end, reads }) => {
    const state = stateAfter(end === undefined ? [started] : [started, end]);
    expect(endLine(state.jobs.get("j1"), "completed")).toBe(reads);
  });
});

describe("the name of a channel", () => {
  const state = stateAfter([{ type: "project.registered", session: null, data: { name: "Shop" } }, started]);
  const job = state.jobs.get("j1");
  it.each([
    { taken: [], name: "Televibe: Shop / npm test" },
    { taken: ["Televibe: Shop / npm test"], name: "Televibe: Shop / npm test (2)" },
    { taken: ["Televibe: Shop / npm test", "Televibe: Shop / npm test (2)"], name: "Televibe: Shop / npm test (3)" },
  ])("is $name", ({ taken, name }) => {
    expect(job && channelName(state, job, new Set(taken))).toBe(name);
  });
});
