/** Owns the states of a connection to the bridge, as its user is told them, and the steps from one to the next. */
import type { DiscoveryEntry } from "../protocol/discovery.ts";

export type ConnectionStatus =
  | { readonly state: "connecting" }
  | { readonly state: "connected"; readonly entry: DiscoveryEntry }
  | {
      readonly state: "reconnecting";
      /** Since when there is no connection: RFC 3339. */
      readonly since: string;
      /** How many tries have failed since then, or 0 when the first is yet to come. */
      readonly attempt: number;
      /** What ended the connection or the newest try, as a sentence. */
      readonly reason: string;
    }
  | { readonly state: "stopped" };

export type ConnectionStep =
  | { readonly kind: "started" }
  | { readonly kind: "opened"; readonly entry: DiscoveryEntry }
  | { readonly kind: "lost"; readonly reason: string; readonly at: string }
  | { readonly kind: "stopped" };

/** The status after a step. What comes in after the stop changes nothing, until it is started again. */
export function nextStatus(status: ConnectionStatus, step: ConnectionStep): ConnectionStatus {
  if (step.kind === "stopped") return { state: "stopped" };
  if (step.kind === "started") return status.state === "stopped" ? { state: "connecting" } : status;
  if (status.state === "stopped") return status;
  if (step.kind === "opened") {
    const isSame = status.state === "connected" && status.entry === step.entry;
    return isSame ? status : { state: "connected", entry: step.entry };
  }

  const { reason, at } = step;
  if (status.state === "reconnecting") {
    return { state: "reconnecting", since: status.since, attempt: status.attempt + 1, reason };
  }
  return { state: "reconnecting", since: at, attempt: status.state === "connecting" ? 1 : 0, reason };
}
