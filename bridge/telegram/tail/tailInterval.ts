/** Owns how often a followed log is drawn anew. Pure. */

/** The specification's figure. */
export const PRIVATE_INTERVAL_MS = 2_000;
/** A group has 20 calls a minute for everything; a log may take half of it. */
export const GROUP_INTERVAL_MS = 6_000;

/** Telegram's ids of groups are negative. */
export function tailIntervalMs(chatId: number): number {
  return chatId < 0 ? GROUP_INTERVAL_MS : PRIVATE_INTERVAL_MS;
}
