/** Owns the pieces that payloads of several domains are made of. */
import * as z from "zod";

/** Prose of any length that the event's own size bound allows. */
export const text = z.string();

/** Prose that must say something. */
export const requiredText = z.string().min(1, "must not be empty");

/** Any time that RFC 3339 can name; stored in UTC with milliseconds. */
export const timestamp = z.iso.datetime({
  offset: true,
  message: "must be an RFC 3339 date and time with a time zone",
});

/** A length of time in seconds; fractions are fine. */
export const seconds = z.number().nonnegative("must not be negative");

/** A count of things. */
export const count = z.int().nonnegative("must not be negative");

/** Facts that only the producer knows the shape of. */
export const facts = z.record(z.string(), z.unknown());

/** Paths as the producer names them, usually relative to the workspace. They are shown, never opened as given. */
export const paths = z.array(z.string());

/** Who did something, as far as a surface knows: a display name and, where there is one, a stable id. */
export const actor = z.looseObject({ name: requiredText, id: z.string().optional() });

/** What an agent's model used, as far as the agent tells. */
export const usage = z.looseObject({
  /** Tokens that were read anew: those from and for the cache are counted by themselves. */
  input_tokens: count.optional(),
  output_tokens: count.optional(),
  cache_read_tokens: count.optional(),
  cache_write_tokens: count.optional(),
  /** In US dollars. */
  cost_usd: z.number().nonnegative("must not be negative").optional(),
  model: text.optional(),
});

/** A short word for a state that producers choose themselves. */
export const stateName = z.string().min(1, "must not be empty").max(64, "must be at most 64 characters");

/** A payload: the named fields are checked, further ones are kept as they are. */
export const payload = z.looseObject;
