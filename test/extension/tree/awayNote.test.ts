import { expect, it } from "vitest";
import { awayNote } from "../../../extension/tree/awayNote.ts";
import type { ConnectionStatus } from "../../../shared/client/connectionStatus.ts";

const REASON = "The bridge did not start: it ended at once (1).\nThe end of its log";
const lost = (attempt: number): ConnectionStatus => ({ state: "reconnecting", since: "", attempt, reason: REASON });
const SHOWN = "The bridge did not start: it ended at once (1). The end of its log";

it.each<{ name: string; status: ConnectionStatus; hasRows: boolean; description?: string; message?: string }>([
  { name: "nothing at the start", status: { state: "connecting" }, hasRows: false },
  { name: "nothing at a loss that may be over in a moment", status: lost(0), hasRows: true },
  { name: "why, beside the title of an empty view", status: lost(1), hasRows: false, description: SHOWN },
  {
    name: "that the picture is old",
    status: lost(1),
    hasRows: true,
    message: `The bridge is away; this is how things stood. ${SHOWN}`,
  },
])("says $name", ({ status, hasRows, description = "", message = "" }) => {
  expect(awayNote(status, hasRows)).toEqual({ description, message });
});
