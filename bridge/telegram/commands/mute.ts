/** Owns `/mute DURATION` and `/unmute`. */
import { formatDuration } from "../../../shared/text/duration.ts";
import { isMuted } from "../chats/audience.ts";
import type { ChatCommand, CommandServices } from "./commandContext.ts";
import { parseDurationMs } from "./duration.ts";

const DEFAULT_MS = 3_600_000;

export function muteCommand({ registry, clock }: CommandServices): ChatCommand {
  return {
    name: "mute",
    description: "Quiet for a while: /mute 1h",
    run: async ({ chat, words }) => {
      const [word] = words;
      const ms = word === undefined ? DEFAULT_MS : parseDurationMs(word);
      if (ms === undefined) return "How long? Such as /mute 30m, /mute 2h or /mute 1d.";
      await registry.setMuted(chat.id, clock.dateMs() + ms);
      return `Quiet for ${formatDuration(ms / 1000)}. Approvals still come, without a sound. /unmute ends it.`;
    },
  };
}

export function unmuteCommand({ registry, clock }: CommandServices): ChatCommand {
  return {
    name: "unmute",
    description: "End the quiet",
    run: async ({ chat }) => {
      if (!isMuted(chat, clock.dateMs())) return "This chat is not muted.";
      await registry.setMuted(chat.id, undefined);
      return "Not muted any more.";
    },
  };
}
