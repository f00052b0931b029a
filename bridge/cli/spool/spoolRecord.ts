/** Owns what a spool holds, one record a line: a job's events and output, in the order in which they came about. */
import type { EventInput } from "../../../shared/events/event.ts";

/** Whose spool it is, and enough to say how the job ended when that process could not. */
export interface SpoolOwner {
  readonly job_id: string;
  readonly project_id: string;
  readonly session_id: string | null;
  readonly pid: number;
  /** When the process began, in the system's own words; null where the system does not say. */
  readonly process_start: string | null;
}

export type SpoolRecord =
  /** Always the first. */
  | ({ readonly kind: "owner" } & SpoolOwner)
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
  const { kind, event, offset, data, ...rest }: Record<string, unknown> = { ...value };
  if (kind === "owner") return parseOwner(rest);
  if (kind === "log" && typeof offset === "number" && typeof data === "string") return { kind, offset, data };
  if (kind === "event" && isEventInput(event)) return { kind, event };
  return undefined;
}

function parseOwner({ job_id, project_id, session_id, pid, process_start }: Record<string, unknown>) {
  if (typeof job_id !== "string" || typeof project_id !== "string" || typeof pid !== "number") return undefined;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  const owner = { job_id, project_id, session_id: text(session_id), pid, process_start: text(process_start) };
  return { kind: "owner", ...owner } as const;
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
