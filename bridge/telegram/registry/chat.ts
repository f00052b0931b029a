/** Owns what is kept of a paired chat, and the file's shape. */
import { z } from "zod";

/** What a chat is told: everything, failures and approvals, approvals alone, or nothing but answers to its own commands. */
export const LEVELS = ["all", "errors", "approvals", "off"] as const;
export type Level = (typeof LEVELS)[number];

export const pairedChat = z.object({
  chat_id: z.int(),
  title: z.string(),
  kind: z.enum(["private", "group"]),
  level: z.enum(LEVELS),
  /** No messages but approvals until then: RFC 3339. */
  muted_until: z.string().nullable(),
  paired_at: z.string(),
  paired_by: z.int(),
});
export type PairedChat = z.infer<typeof pairedChat>;

/** A message with the buttons of an approval. */
export const approvalCard = z.object({
  /** What its buttons carry: random, so that nobody can guess another's. */
  key: z.string(),
  approval_id: z.string(),
  chat_id: z.int(),
  /** Null until Telegram has taken it. */
  message_id: z.int().nullable(),
});
export type ApprovalCard = z.infer<typeof approvalCard>;

export const registryContent = z.object({
  version: z.literal(1),
  /** Users who may answer: those who paired themselves with a code. */
  users: z.array(z.object({ user_id: z.int(), name: z.string(), paired_at: z.string() })),
  chats: z.array(pairedChat),
  cards: z.array(approvalCard),
});
export type RegistryContent = z.infer<typeof registryContent>;
