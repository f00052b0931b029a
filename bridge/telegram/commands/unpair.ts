/** Owns `/unpair`: the way out, from the chat itself. */
import type { ChatCommand, CommandServices } from "./commandContext.ts";

export function unpairCommand({ unpair }: CommandServices): ChatCommand {
  return {
    name: "unpair",
    description: "Tell this chat nothing any more",
    run: async ({ chat }) => {
      await unpair(chat.id);
      return "This chat is told nothing any more. `televibe telegram pair` pairs it again.";
    },
  };
}
