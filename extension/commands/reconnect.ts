/** Owns "Reconnect": ends the connection, if there is one, and makes a new one at once. */
import type { Command } from "./commandContext.ts";

export const reconnect: Command = ({ store }) => store.reconnect();
