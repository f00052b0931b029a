/** Holds the terms of partitions to never hiding a match, and to hiding what is nowhere near one. */
import { describe, expect, it } from "vitest";
import { BloomFilter } from "../../../bridge/store/bloomFilter.ts";
import { addTerms, mayHaveTerms, requiredTerms } from "../../../bridge/store/partitionTerms.ts";
import type { RowFilter } from "../../../bridge/store/worker/messages.ts";

const terms = new Set<string>();
addTerms(terms, { project: "shop", session: "main", job: "j1", type: "job.started" });
addTerms(terms, { project: "shop", session: null, job: null, type: "project.updated" });
addTerms(terms, { project: "blog", session: "draft", job: "j2", type: "job.failed" });
const filter = BloomFilter.of(terms);

const many = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe("a partition", () => {
  it.each<{ wanted: RowFilter; isIn: boolean }>([
    { wanted: {}, isIn: true },
    { wanted: { project: ["shop"] }, isIn: true },
    { wanted: { project: ["other", "blog"] }, isIn: true },
    { wanted: { project: ["other"] }, isIn: false },
    { wanted: { session: ["draft"] }, isIn: true },
    { wanted: { session: ["shop"] }, isIn: false },
    { wanted: { job: ["j2"] }, isIn: true },
    { wanted: { job: ["j3", "j4"] }, isIn: false },
    { wanted: { type: ["*"] }, isIn: true },
    { wanted: { type: ["job.*"] }, isIn: true },
    { wanted: { type: ["task.*", "job.failed"] }, isIn: true },
    { wanted: { type: ["job.completed"] }, isIn: false },
    { wanted: { type: ["task.*"] }, isIn: false },
    { wanted: { project: ["shop"], type: ["job.started"] }, isIn: true },
    // Each is there, but not in one event.
    { wanted: { project: ["shop"], type: ["job.failed"] }, isIn: false },
    { wanted: { session: ["draft"], type: ["project.*"] }, isIn: false },
    { wanted: { project: ["blog"], type: ["job.*", "*"] }, isIn: true },
    { wanted: { project: [...many("p", 70), "shop"], type: ["job.started"] }, isIn: true },
    { wanted: { project: many("p", 70), type: ["job.started"] }, isIn: false },
  ])("is looked into for $wanted: $isIn", ({ wanted, isIn }) => {
    expect(mayHaveTerms(filter, requiredTerms(wanted))).toBe(isIn);
  });
});
