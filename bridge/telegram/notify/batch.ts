/** Owns what is collected for one chat until it goes out in one message: by session, the last few of each, and how many more. Pure. */
import type { FormattedText } from "../outbox/outboxItem.ts";
import type { EventNotice } from "./eventMessage.ts";

interface Group {
  readonly heading: string;
  /** The newest ones, oldest first. */
  readonly lines: readonly string[];
  /** All of them. */
  readonly count: number;
}

export interface Batch {
  readonly groups: ReadonlyMap<string, Group>;
  /** The message of the only notice, while there is but one. */
  readonly only: FormattedText | undefined;
}

export const EMPTY_BATCH: Batch = { groups: new Map(), only: undefined };

/** Lines that are shown of each session, as the specification says. */
const SHOWN_LINES = 5;
/** Sessions that are shown; with many at once nobody reads further. */
const SHOWN_GROUPS = 12;

export function isEmpty(batch: Batch): boolean {
  return batch.groups.size === 0;
}

export function addNotice(batch: Batch, notice: EventNotice): Batch {
  const single = {
    groups: new Map([[notice.groupKey, { heading: notice.heading, lines: [notice.line], count: 1 }]]),
    only: notice.message,
  };
  return merge(batch, single);
}

/** What could not go out joins what came since. */
export function merge(older: Batch, newer: Batch): Batch {
  if (isEmpty(older)) return newer;
  if (isEmpty(newer)) return older;
  const groups = new Map(older.groups);
  for (const [key, group] of newer.groups) {
    const before = groups.get(key);
    groups.set(key, before === undefined ? group : join(before, group));
  }
  return { groups, only: undefined };
}

/** One notice keeps its own form; several stand under the names of their sessions. */
export function batchMessage(batch: Batch): FormattedText {
  if (batch.only !== undefined) return batch.only;
  const groups = [...batch.groups.values()];
  const shown = groups.slice(-SHOWN_GROUPS).map(groupText);
  const left = groups.length - shown.length;
  return { text: [...(left > 0 ? [`…and ${left} more sessions`] : []), ...shown].join("\n") };
}

function join(before: Group, after: Group): Group {
  return {
    heading: after.heading,
    lines: [...before.lines, ...after.lines].slice(-SHOWN_LINES),
    count: before.count + after.count,
  };
}

function groupText({ heading, lines, count }: Group): string {
  const left = count - lines.length;
  const more = left > 0 ? [`  …and ${left} more`] : [];
  return [`📂 ${heading}:`, ...lines.map((line) => `  • ${line}`), ...more].join("\n");
}
