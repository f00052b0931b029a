/** Owns `/approvals`: what waits, once more and with its buttons, so that nobody has to scroll for them. */
import type { ChatCommand, CommandServices } from "./commandContext.ts";

const MAX_SHOWN = 5;

export function approvalsCommand({ cards }: CommandServices): ChatCommand {
  return {
    name: "approvals",
    description: "What waits for a yes or a no",
    run: async ({ chat }) => {
      const waiting = await cards.showAgain(chat, MAX_SHOWN);
      if (waiting === 0) return "No approval waits.";
      return waiting > MAX_SHOWN ? `${waiting} approvals wait. The first ${MAX_SHOWN} are shown again.` : undefined;
    },
  };
}
