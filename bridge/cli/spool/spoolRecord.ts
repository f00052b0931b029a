/** Owns what a spool holds, one record a line: a job's events and output, in the order in which they came about. */
import type { EventInput } from "../../../shared/events/event.ts";

export type SpoolRecord =
  /** Always the first. */
  | { readonly kind: "owner"; readonly job_id: string; readonly pid: number }
  | { readonly kind: "event"; readonly event: EventInput }
  /** Bytes of the output, in base64, and where they begin in it. */
  | { readonly kind: "log"; readonly offset: number; readonly data: string };

export function formatRecord(record: SpoolRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Reads one line; undefined when it is damaged. What it says was written by us: only its shape is looked at. */
export function parseRecord(line: string): SpoolRecord | undefined {
  const value = parseJson(line);
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  const { kind, job_id, pid, event, offset, data }: Record<string, unknown> = { ...value };
  if (kind === "owner" && typeof job_id === "string" && typeof pid === "number") return { kind, job_id, pid };
  if (kind === "log" && typeof offset === "number" && typeof data === "string") return { kind, offset, data };
  if (kind === "event" && isEventInput(event)) return { kind, event };
  return undefined;
}

function isEventInput(value: unknown): value is EventInput {
  return typeof value === "object" && value !== null && "event_type" in value && "project_id" in value;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
