/** Owns how a message says whose it is: `feature-x (shop)`, as the specification has it. Ids alone, which every event has itself. */
import { prose } from "./untrusted.ts";

export interface Placed {
  readonly project_id: string;
  readonly session_id: string | null;
}

const MAX_NAME = 60;
/** An agent names its sessions by a UUID: of one the beginning tells them apart, and leaves room for the rest on a phone. */
const UUID = /\b([0-9a-f]{8}-[0-9a-f]{4})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The session, or the project where there is no session. */
export function sessionName({ project_id, session_id }: Placed): string {
  return prose((session_id ?? project_id).replace(UUID, "$1"), MAX_NAME);
}

/** `session (project)`. */
export function placeName(placed: Placed): string {
  const session = sessionName(placed);
  return placed.session_id === null ? session : `${session} (${prose(placed.project_id, MAX_NAME)})`;
}
