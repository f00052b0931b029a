/**
 * Owns the control events of a stream: what the bridge says of the stream itself. Their types are reserved, so no
 * producer can forge one. Each is a full event with data, since some SSE clients ignore a frame that has an id alone.
 */
export interface ControlPayloads {
  /** First of all: which store this is and what it holds. `after` is where reading begins. */
  "stream.opened": {
    readonly epoch: string;
    readonly first_seq: number;
    readonly last_seq: number;
    readonly after: number;
  };
  /** Events that the reader asked for and cannot have: `from` to `to`, both included. */
  "stream.gap": { readonly from: number; readonly to: number; readonly reason: GapReason };
  /** Once, between the last event of the past and the first live one. */
  "stream.caught_up": { readonly seq: number };
  /** A bookmark and heartbeat: everything up to `seq` that the filter lets through was sent. */
  "stream.cursor": { readonly seq: number };
  /** The bridge ends the stream; come back after `retry_ms`. */
  "stream.closing": { readonly reason: string; readonly retry_ms: number };
}

/** Removed by age or size; the cursor is of another store (begin anew from `GET /v1/state`); or the file was damaged. */
export type GapReason = "retention" | "reset" | "corrupt";

export type ControlType = keyof ControlPayloads;

export type ControlEvent = {
  [T in ControlType]: { readonly event_type: T; readonly data: ControlPayloads[T] };
}[ControlType];

/** Whether a frame's type is one of the bridge's own. */
export function isControlType(type: string): type is ControlType {
  return type.startsWith("stream.");
}
