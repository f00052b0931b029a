/** Owns "Replay Session". */
import type { Command } from "./commandContext.ts";
import { pickSession } from "./pickSession.ts";

export const replaySession: Command = async ({ store, replay }, argument) => {
  const session = await pickSession(store, argument, "Televibe: Replay Session");
  if (session !== undefined) await replay(session);
};
