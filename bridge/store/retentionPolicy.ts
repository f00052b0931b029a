/** Owns what goes and what stays: pure rules over times, sizes, projects and pinned sessions. */
import type { PinnedSession, RetentionSettings } from "../../shared/protocol/store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The largest time that JavaScript and SQLite can both compare exactly: nothing is older, or everything is. */
export const END_OF_TIME_MS = 8.64e15;

/** By how much retention's idea of now may run ahead of itself from one pass to the next. */
export const MAX_CLOCK_ADVANCE_MS = DAY_MS;

/** Which events may go: those from before their project's time that belong to no pinned session. */
export interface RemovalRules {
  readonly beforeMs: number;
  readonly projects: ReadonlyMap<string, number>;
  readonly pinned: readonly PinnedSession[];
}

/** A partition as far as it concerns its removal. */
export interface PartitionAge {
  readonly oldestMs: number;
  readonly newestMs: number;
  /** By the machine's clock at that time: its events came no later. */
  readonly arrivedByMs: number;
}

/**
 * What an event's own timestamp counts for: never more than `mostMs`, when it came at the latest (a producer whose clock
 * runs ahead would keep its events for ever), and never less than `leastMs`.
 */
export interface TimeBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * Retention's own now. It follows the machine's clock back at once and forward by a day a pass at most: a clock that
 * jumped years ahead for an hour costs days at the old end, and not the whole store. After a long time off it catches up
 * within as many passes.
 */
export function retentionNow(clockMs: number, lastMs: number | undefined): number {
  return lastMs === undefined ? clockMs : Math.min(clockMs, lastMs + MAX_CLOCK_ADVANCE_MS);
}

/** The rules of a day: bounds are whole UTC days, so that a partition is weighed once a day and not at each pass. */
export function ageRules({ days, projects, pinned }: RetentionSettings, nowMs: number): RemovalRules {
  const before = (kept: number | null) =>
    kept === null ? -END_OF_TIME_MS : Math.floor(nowMs / DAY_MS - kept) * DAY_MS;
  return {
    beforeMs: before(days),
    projects: new Map(Object.entries(projects).map(([name, project]) => [name, before(project.days)])),
    pinned,
  };
}

/** The rules by which everything stays. */
export function keepAllRules(): RemovalRules {
  return { beforeMs: -END_OF_TIME_MS, projects: new Map(), pinned: [] };
}

/** The rules for making room: all may go that is not pinned. */
export function roomRules(pinned: readonly PinnedSession[]): RemovalRules {
  return { beforeMs: END_OF_TIME_MS, projects: new Map(), pinned };
}

/**
 * What partitions' times, oldest partition first, can be trusted for. Partitions are closed one after the other, so the
 * longest row of times that never goes back, nor into the future, is the clock that went well. One that does not fit in
 * was closed under a wrong clock: its time then follows from its neighbours', and so do its events', whose producers
 * mostly share that clock.
 */
export function timeBounds(partitions: readonly PartitionAge[], nowMs: number): readonly TimeBounds[] {
  const isRight = risingTimes(
    partitions.map(({ arrivedByMs }) => arrivedByMs),
    nowMs,
  );
  let laterMs = nowMs;
  const bounds: TimeBounds[] = [];
  for (let index = partitions.length - 1; index >= 0; index--) {
    const arrivedByMs = partitions[index]?.arrivedByMs ?? nowMs;
    if (isRight[index] === true) laterMs = arrivedByMs;
    bounds.unshift({ leastMs: isRight[index] === true ? -END_OF_TIME_MS : laterMs, mostMs: laterMs });
  }
  return bounds;
}

/** Which times belong to the longest row that never falls; of several the one with the later times, which removes less. */
function risingTimes(times: readonly number[], mostMs: number): readonly boolean[] {
  const rows = times.map(() => ({ length: 1, before: -1 }));
  let end = -1;
  times.forEach((time, index) => {
    const row = rows[index];
    // A partition without events has no time.
    if (row === undefined || time > mostMs || time <= 0) return;
    for (let earlier = 0; earlier < index; earlier++) {
      const other = times[earlier] ?? 0;
      const length = (rows[earlier]?.length ?? 0) + 1;
      if (other <= 0 || other > time) continue;
      if (length > row.length || (length === row.length && other > (times[row.before] ?? 0))) {
        Object.assign(row, { length, before: earlier });
      }
    }
    const best = rows[end]?.length ?? 0;
    if (row.length > best || (row.length === best && time > (times[end] ?? 0))) end = index;
  });
  const isIn = times.map(() => false);
  for (let index = end; index >= 0; index = rows[index]?.before ?? -1) isIn[index] = true;
  return isIn;
}

/** What a timestamp counts for. */
export function boundedTime(timestampMs: number, { leastMs, mostMs }: TimeBounds): number {
  return Math.max(leastMs, Math.min(timestampMs, mostMs));
}

/** Whether a partition's times alone tell what becomes of it; `weigh` needs a look at what is in it. */
export function judgeByTimes(age: PartitionAge, bounds: TimeBounds, rules: RemovalRules): "keep" | "remove" | "weigh" {
  const befores = [rules.beforeMs, ...rules.projects.values()];
  if (boundedTime(age.oldestMs, bounds) >= Math.max(...befores)) return "keep";
  const isAllOld = boundedTime(age.newestMs, bounds) < Math.min(...befores);
  return isAllOld && rules.pinned.length === 0 ? "remove" : "weigh";
}

/** What of a partition may go, by events and by bytes of their JSON. */
export interface Weight {
  readonly events: number;
  readonly bytes: number;
  readonly removableEvents: number;
  readonly removableBytes: number;
}

/** Rewriting a partition for less would be done again day after day. */
export const LEAST_THINNED_SHARE = 0.25;

/** What becomes of a partition of which some may go. */
export function judgeByWeight(weight: Weight, leastShare: number): "keep" | "remove" | "thin" {
  if (weight.removableEvents === 0) return weight.events === 0 ? "remove" : "keep";
  if (weight.removableEvents === weight.events) return "remove";
  return weight.removableBytes >= weight.bytes * leastShare ? "thin" : "keep";
}

/** Something that takes room, and since when it is unchanged. */
export interface Holding<T> {
  readonly what: T;
  readonly newestMs: number;
}

/** In the order in which they go to make room. */
export function oldestFirst<T>(holdings: readonly Holding<T>[]): readonly T[] {
  return [...holdings].sort((a, b) => a.newestMs - b.newestMs).map(({ what }) => what);
}

/** Neighbours that fit into one partition together, oldest first: groups of at least two. */
export function planMerges(
  partitions: readonly { readonly first: number; readonly events: number; readonly bytes: number }[],
  { maxEvents, maxBytes }: { readonly maxEvents: number; readonly maxBytes: number },
): readonly (readonly number[])[] {
  const groups: number[][] = [];
  let group: number[] = [];
  let events = 0;
  let bytes = 0;
  for (const partition of partitions) {
    if (events + partition.events > maxEvents || bytes + partition.bytes > maxBytes) {
      groups.push(group);
      group = [];
      events = 0;
      bytes = 0;
    }
    group.push(partition.first);
    events += partition.events;
    bytes += partition.bytes;
  }
  return [...groups, group].filter(({ length }) => length > 1);
}
