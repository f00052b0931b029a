/** Holds queries, across partitions, to what a plain filter over a plain array answers. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import type { StoredEvent, UnknownEvent } from "../../../shared/events/event.ts";
import { type EventFilter, matchesFilter } from "../../../shared/protocol/filter.ts";
import { makeEvent, useStores } from "./storeFixture.ts";

const stores = useStores();
const TYPES = ["job.started", "job.completed", "jobs.x", "task.created", "session.started", "project.updated"] as const;
const PROJECTS = ["a", "a/b", "it's", 'quo"te', "100%"];
const TIMES = Array.from({ length: 12 }, (_, index) => new Date(Date.UTC(2026, 10, 1) + index * 250).toISOString());

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);
const several = <T>(values: readonly T[]) => fc.uniqueArray(pick(values), { minLength: 1, maxLength: 3 });

const anyEvent = fc.record({
  event_type: pick(TYPES.filter((type) => type !== "jobs.x")) as fc.Arbitrary<UnknownEvent["event_type"]>,
  project_id: pick(PROJECTS),
  session_id: pick([null, "s1", "s2"]),
  job_id: pick([null, "j1", "j2", "j3"]),
  timestamp: pick(TIMES),
});

const anyFilter: fc.Arbitrary<EventFilter> = fc.record(
  {
    project_id: several([...PROJECTS, "unknown"]),
    session_id: several(["s1", "s2", "%"]),
    job_id: several(["j1", "j2", "j3"]),
    type: several(["*", "job.*", "task.*", "session.started", "job.completed", "job.unknown"]),
    since: pick(TIMES),
    until: pick(TIMES),
  },
  { requiredKeys: [] },
);

describe("query", () => {
  let store: LocalStore;
  let model: StoredEvent[];

  beforeAll(async () => {
    store = await stores.start(stores.newDirectory(), { partition: { maxEvents: 17 } });
    const [sample = []] = fc.sample(fc.array(anyEvent, { minLength: 200, maxLength: 200 }), { numRuns: 1, seed: 7 });
    model = sample.map((event, index) => ({ ...makeEvent(index), ...event, seq: index + 1 }));
    for (let start = 0; start < model.length; start += 5) {
      await store.append(model.slice(start, start + 5));
    }
  });

  it("answers what a plain filter answers, in both orders, from any place, with any limit", async () => {
    const anyQuery = fc.record(
      { after: fc.integer({ min: 0, max: 205 }), before: fc.integer({ min: 0, max: 205 }) },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        anyFilter,
        anyQuery,
        fc.integer({ min: 1, max: 250 }),
        pick(["asc", "desc"] as const),
        async (filter, range, limit, order) => {
          const { after = 0, before = Number.POSITIVE_INFINITY } = range;
          const expected = model.filter(
            (event) => event.seq > after && event.seq < before && matchesFilter(filter, event),
          );
          if (order === "desc") expected.reverse();
          const answer = await store.query({ filter, ...range, limit, order });
          expect(answer).toEqual(expected.slice(0, limit));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("pages through everything without a hole or a double", async () => {
    const seen: number[] = [];
    for (let after = 0; ; ) {
      const page = await store.query({ filter: {}, after, limit: 13, order: "asc" });
      if (page.length === 0) break;
      seen.push(...page.map(({ seq }) => seq));
      after = seen.at(-1) ?? 0;
    }
    expect(seen).toEqual(model.map(({ seq }) => seq));
  });

  it("ends when its reader has gone", async () => {
    const controller = new AbortController();
    const query = store.query({ filter: {}, limit: 200, order: "asc", signal: controller.signal });
    controller.abort(new Error("gone"));
    await expect(query).rejects.toThrow("gone");
  });

  it("refuses a time that is none", async () => {
    const query = store.query({ filter: { since: "yesterday" }, limit: 1, order: "asc" });
    await expect(query).rejects.toMatchObject({ code: "invalid_filter" });
  });
});
