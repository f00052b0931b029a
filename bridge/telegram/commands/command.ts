/** Owns reading a command: `/tail@televibe_bot feature-x 20`. Pure. */

export interface Command {
  /** In lower case, without the slash. */
  readonly name: string;
  readonly words: readonly string[];
}

const COMMAND = /^\/([A-Za-z0-9_]{1,32})(?:@(\w{1,64}))?(?=\s|$)/;

/**
 * @param bot the bot's name, when it is known.
 * @returns undefined for what is no command, or one for another bot.
 */
export function parseCommand(text: string, bot: string | undefined): Command | undefined {
  const [whole, name, addressee] = COMMAND.exec(text) ?? [];
  if (whole === undefined || name === undefined) return undefined;
  if (addressee !== undefined && bot !== undefined && addressee.toLowerCase() !== bot.toLowerCase()) return undefined;
  const words = text
    .slice(whole.length, 4096)
    .split(/\s+/)
    .filter((word) => word !== "");
  return { name: name.toLowerCase(), words };
}
