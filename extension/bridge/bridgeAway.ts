/** Owns telling a bridge that is away from one that is about to answer. */
import type { ConnectionStatus } from "../../shared/client/connectionStatus.ts";

/**
 * Away, rather than on its way: a try has failed, or the connection was lost and the next try failed too. Stopped is only ever
 * the moment before a start.
 */
export function isBridgeAway(status: ConnectionStatus): boolean {
  return status.state === "reconnecting" && status.attempt > 0;
}
