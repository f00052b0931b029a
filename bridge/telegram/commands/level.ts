/** Owns `/level`: how much a chat is told. */
import { NOTIFICATION_LEVELS, type NotificationLevel } from "../record/telegramRecord.ts";
import type { ChatCommand, CommandServices } from "./commandContext.ts";

const MEANINGS: Readonly<Record<NotificationLevel, string>> = {
  all: "everything",
  errors: "failures and approvals",
  approvals: "approvals alone",
  off: "nothing at all, approvals included",
};

export function levelCommand({ registry, reconcile }: CommandServices): ChatCommand {
  return {
    name: "level",
    description: "How much I tell: /level all, errors, approvals or off",
    run: async ({ chat, words }) => {
      const [word] = words;
      if (word === undefined) return `I tell you ${describe(chat.level)}.\n\n${choices()}`;
      const level = NOTIFICATION_LEVELS.find((known) => known === word.toLowerCase());
      if (level === undefined) return `There is no such level.\n\n${choices()}`;
      await registry.setLevel(chat.id, level);
      // What waits and was kept from this chat so far is asked now.
      reconcile();
      return `From now on I tell you ${describe(level)}.`;
    },
  };
}

function describe(level: NotificationLevel): string {
  return `${MEANINGS[level]} (${level})`;
}

function choices(): string {
  return NOTIFICATION_LEVELS.map((level) => `/level ${level}: ${MEANINGS[level]}`).join("\n");
}
