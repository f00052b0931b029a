/** Owns "Review Approvals…". */
import type { Command } from "./commandContext.ts";

export const reviewApprovals: Command = ({ review }) => review();
