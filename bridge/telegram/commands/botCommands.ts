/** Owns the bot's commands: their names, what they are for, and how one is read. */

export const BOT_COMMANDS = [
  { command: "status", description: "What runs now" },
  { command: "approvals", description: "What waits for a yes or no" },
  { command: "jobs", description: "The newest jobs" },
  { command: "tail", description: "Follow a log: /tail [session or job] [lines]" },
  { command: "stop", description: "Stop following" },
  { command: "level", description: "What to be told: all, errors, approvals or off" },
  { command: "mute", description: "Only approvals for a while: /mute 1h" },
  { command: "unmute", description: "Hear of everything again" },
  { command: "link", description: "In a group: tell this group as well" },
  { command: "unpair", description: "Tell this chat nothing any more" },
  { command: "whoami", description: "Your id, and whether you are paired" },
  { command: "help", description: "What the bot can do" },
] as const;

export interface ParsedCommand {
  readonly name: string;
  readonly args: readonly string[];
}

/** Reads `/tail@our_bot main 20`; undefined for what is no command, or is for another bot. */
export function parseCommand(text: string | undefined, botName: string | undefined): ParsedCommand | undefined {
  const [first, ...args] = (text ?? "").trim().split(/\s+/);
  const match = /^\/([A-Za-z0-9_]{1,32})(?:@(\w+))?$/.exec(first ?? "");
  const [, name, addressee] = match ?? [];
  if (name === undefined) return undefined;
  if (addressee !== undefined && addressee.toLowerCase() !== botName?.toLowerCase()) return undefined;
  return { name: name.toLowerCase(), args };
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_MUTE_MS = 30 * 86_400_000;

/** Reads `30m`, `1h`, `2d`. */
export function parseDuration(text: string | undefined): number | undefined {
  const match = /^(\d{1,5})([mhd])$/.exec(text ?? "");
  const unit = UNITS_MS[match?.[2] ?? ""];
  if (match === null || unit === undefined) return undefined;
  const durationMs = Number(match[1]) * unit;
  return durationMs > 0 && durationMs <= MAX_MUTE_MS ? durationMs : undefined;
}
