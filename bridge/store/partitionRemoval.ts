/**
 * Owns forgetting events: whole partitions where all may go, and the others thinned where that is worth the work. What is
 * announced in the metadata is durable before anything goes, so that a crash cannot un-announce it.
 */
import type { BloomFilter } from "./bloomFilter.ts";
import type { EventIndex } from "./eventIndex.ts";
import type { Partition, PartitionCatalogue } from "./partitionCatalogue.ts";
import { type PartitionRewriter, removalRequest } from "./partitionRewriter.ts";
import { projectTerm, sessionTerm } from "./partitionTerms.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import {
  boundedTime,
  END_OF_TIME_MS,
  judgeByTimes,
  judgeByWeight,
  type RemovalRules,
  type TimeBounds,
  timeBounds,
} from "./retentionPolicy.ts";
import { type MetadataFile, withFirstSeq, withRemoved } from "./storeMetadata.ts";
import type { RemovalWeight, SealedPartition } from "./worker/messages.ts";

export interface RemovalOptions {
  readonly catalogue: PartitionCatalogue;
  readonly index: EventIndex;
  readonly metadata: MetadataFile;
  readonly worker: PartitionWorker;
  readonly rewriter: PartitionRewriter;
}

export interface Removed {
  readonly events: number;
  /** Of files. */
  readonly bytes: number;
}

const NO_BOUNDS: TimeBounds = { leastMs: -END_OF_TIME_MS, mostMs: END_OF_TIME_MS };

export const NOTHING_REMOVED: Removed = { events: 0, bytes: 0 };

/** How a partition is gone about. */
export interface RemovalTerms {
  readonly rules: RemovalRules;
  readonly nowMs: number;
  /** The share of a partition's bytes from which on it is thinned; 1 only removes whole ones. */
  readonly leastShare: number;
  readonly signal: AbortSignal;
}

/** A sealed partition with what its times count for. */
export interface SealedAge {
  readonly first: number;
  readonly bytes: number;
  readonly newestMs: number;
}

export class PartitionRemoval {
  readonly #options: RemovalOptions;
  /** What was weighed, by partition, with the rules that it was weighed by: they change once a day. */
  readonly #weights = new Map<number, { readonly key: string; readonly weight: RemovalWeight }>();

  #newest: Promise<unknown> = Promise.resolve();
  /** Of one pass. */
  #boundsOf: { readonly nowMs: number; readonly bounds: ReadonlyMap<number, TimeBounds> } | undefined;

  constructor(options: RemovalOptions) {
    this.#options = options;
  }

  /** The sealed partitions, oldest first. */
  sealed(nowMs: number): readonly SealedAge[] {
    return this.#options.catalogue.all
      .filter(({ isSealed }) => isSealed)
      .map((partition) => ({
        first: partition.first,
        bytes: partition.bytes,
        newestMs: boundedTime(partition.newestMs, this.#bounds(partition, nowMs)),
      }));
  }

  /** Removes what may go of one sealed partition. */
  reduce(first: number, terms: RemovalTerms): Promise<Removed> {
    return this.#alone(() => this.#reduce(first, terms));
  }

  /** Writes adjacent sealed partitions as one. */
  merge(firsts: readonly number[], signal: AbortSignal): Promise<void> {
    return this.#alone(() => this.#merge(firsts, signal));
  }

  /** One rewrite at a time: another one of the same partition would put back what this one takes out, or drop what it joins. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#newest.then(work);
    // The next one does not care how this one ended; its caller does.
    this.#newest = done.catch(() => undefined);
    return done;
  }

  async #reduce(first: number, terms: RemovalTerms): Promise<Removed> {
    const { catalogue } = this.#options;
    const partition = catalogue.get(first);
    if (partition === undefined || !partition.isSealed) return NOTHING_REMOVED;
    const bounds = this.#bounds(partition, terms.nowMs);
    const rules = relevantRules(terms.rules, partition.terms);
    const judged = judgeByTimes(partition, bounds, rules);
    if (judged === "keep" || (judged === "weigh" && terms.leastShare >= 1 && rules.pinned.length === 0)) {
      return NOTHING_REMOVED;
    }
    if (judged === "remove") return this.#remove(partition);
    const weight = await this.#weigh(first, rules, bounds, terms.signal);
    const verdict = judgeByWeight(weight, terms.leastShare);
    if (verdict === "keep" || (verdict === "thin" && terms.leastShare >= 1)) return NOTHING_REMOVED;
    return verdict === "remove" ? this.#remove(partition) : this.#thin(partition, rules, bounds, weight, terms.signal);
  }

  /** Whether so much of the partition that grows may go that it should be closed for it. */
  async isActiveWorthClosing({ rules, nowMs, leastShare, signal }: RemovalTerms): Promise<boolean> {
    const { catalogue } = this.#options;
    const { active } = catalogue;
    if (active.events === 0) return false;
    const bounds = this.#bounds(active, nowMs);
    const judged = judgeByTimes(active, bounds, rules);
    if (judged !== "weigh") return judged === "remove";
    if (leastShare >= 1) return false;
    const removal = removalRequest(rules, bounds);
    return judgeByWeight(await this.#options.rewriter.weigh(active.first, removal, signal), leastShare) !== "keep";
  }

  async #merge(firsts: readonly number[], signal: AbortSignal): Promise<void> {
    const { catalogue, index, rewriter } = this.#options;
    const sources = firsts.flatMap((first) => catalogue.get(first) ?? []);
    // Between two that were neighbours when this was planned there can be nothing new, only less.
    const [oldest] = sources;
    const newest = sources.at(-1);
    if (oldest === undefined || newest === undefined || oldest === newest) return;
    const sealed = await rewriter.rewrite(
      {
        sources: sources.map(({ first }) => first),
        first: oldest.first,
        last: newest.last,
        sealedAtMs: Math.max(...sources.map(({ arrivedByMs }) => arrivedByMs)),
        removal: null,
      },
      signal,
    );
    for (const { first } of sources.slice(1)) {
      catalogue.remove(first);
      index.removed(first);
      this.#weights.delete(first);
    }
    this.#replaced(sealed);
  }

  #bounds({ first }: Partition, nowMs: number): TimeBounds {
    let known = this.#boundsOf;
    if (known?.nowMs !== nowMs || !known.bounds.has(first)) {
      const { all } = this.#options.catalogue;
      const bounds = timeBounds(all, nowMs);
      known = { nowMs, bounds: new Map(all.flatMap((each, index) => [[each.first, bounds[index] ?? NO_BOUNDS]])) };
      this.#boundsOf = known;
    }
    return known.bounds.get(first) ?? NO_BOUNDS;
  }

  async #weigh(first: number, rules: RemovalRules, bounds: TimeBounds, signal: AbortSignal): Promise<RemovalWeight> {
    const removal = removalRequest(rules, bounds);
    const key = JSON.stringify(removal);
    const known = this.#weights.get(first);
    if (known?.key === key) return known.weight;
    const weight = await this.#options.rewriter.weigh(first, removal, signal);
    this.#weights.set(first, { key, weight });
    return weight;
  }

  async #remove({ first, last, events, bytes }: Partition): Promise<Removed> {
    const { catalogue, index, metadata, worker } = this.#options;
    const position = catalogue.all.findIndex((partition) => partition.first === first);
    const next = catalogue.all[position + 1];
    const isOldest = position === 0;
    // The next one may stand behind a stretch that was removed before: nothing is left in front of it.
    if (isOldest) await metadata.update(withFirstSeq(next?.first ?? last + 1));
    else await metadata.update(withRemoved("removed", { from: first, to: last }));
    catalogue.remove(first);
    index.removed(first);
    this.#weights.delete(first);
    await worker.call("remove", { partition: first });
    return { events, bytes };
  }

  async #thin(
    partition: Partition,
    rules: RemovalRules,
    bounds: TimeBounds,
    weight: RemovalWeight,
    signal: AbortSignal,
  ): Promise<Removed> {
    const { metadata, rewriter } = this.#options;
    const { first, last, events, bytes, arrivedByMs } = partition;
    await metadata.update(withRemoved("thinned", { from: weight.removableFrom, to: weight.removableTo }));
    const removal = removalRequest(rules, bounds);
    const sealed = await rewriter.rewrite({ sources: [first], first, last, sealedAtMs: arrivedByMs, removal }, signal);
    this.#replaced(sealed);
    return { events: events - sealed.events, bytes: bytes - sealed.bytes };
  }

  #replaced(sealed: SealedPartition): void {
    const { catalogue, index } = this.#options;
    index.sealed(sealed.first, sealed.last, sealed.ids);
    catalogue.sealed(sealed);
    this.#weights.delete(sealed.first);
  }
}

/** The rules that can concern a partition at all: most hold no event of a pinned session, nor of most projects. */
export function relevantRules(rules: RemovalRules, terms: BloomFilter | undefined): RemovalRules {
  if (terms === undefined) return rules;
  return {
    beforeMs: rules.beforeMs,
    projects: new Map([...rules.projects].filter(([project]) => terms.mayHave(projectTerm(project)))),
    pinned: rules.pinned.filter(
      ({ project_id, session_id }) => terms.mayHave(projectTerm(project_id)) && terms.mayHave(sessionTerm(session_id)),
    ),
  };
}
