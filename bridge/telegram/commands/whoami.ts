/** Owns `/whoami`: the ids that recipients of events and the command line go by. */
import { code, fmt } from "telegraf/format";
import { displayName } from "../chats/chatRegistry.ts";
import { prose } from "../text/untrusted.ts";
import type { ChatCommand } from "./commandContext.ts";

export function whoamiCommand(): ChatCommand {
  return {
    name: "whoami",
    description: "Your id and this chat's",
    run: ({ chat, from }) =>
      fmt([
        `You are ${prose(displayName(from), 100)}, `,
        code(String(from.id)),
        ". This chat is ",
        code(String(chat.id)),
        `, paired by ${prose(chat.paired_by.name, 100)}.`,
      ]),
  };
}
