/** Owns what the Sessions view says of a bridge that is away, where a welcome text cannot: those never change. Pure. */
import type { ConnectionStatus } from "../../shared/client/connectionStatus.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { isBridgeAway } from "../bridge/bridgeAway.ts";

const MAX_DESCRIPTION_LENGTH = 80;
const MAX_REASON_LENGTH = 200;

/** Empty where there is nothing to say. */
export interface AwayNote {
  /** Beside the view's title. */
  readonly description: string;
  /** Above the rows. VS Code shows no welcome text beside one, so an empty view has none. */
  readonly message: string;
}

/** @param hasRows whether there is a picture to draw: the last one known, while the bridge is away. */
export function awayNote(status: ConnectionStatus, hasRows: boolean): AwayNote {
  if (status.state !== "reconnecting" || !isBridgeAway(status)) return { description: "", message: "" };
  if (!hasRows) return { description: oneLine(status.reason, MAX_DESCRIPTION_LENGTH), message: "" };
  const reason = oneLine(status.reason, MAX_REASON_LENGTH);
  return { description: "", message: `The bridge is away; this is how things stood. ${reason}` };
}
