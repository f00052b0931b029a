/** Owns reading what clients send over `/v1/ws`: one schema a message, unknown fields refused. */
import * as z from "zod";
import { jobIdentifier } from "../../shared/events/identifier.ts";
import { type EventFilter, filterParameters, parseFilter } from "../../shared/protocol/filter.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { readFilterWith } from "./filterProblem.ts";
import { MAX_LOG_LINES } from "./jobLog.ts";
import { fitSchema } from "./jsonRequest.ts";

/** Long enough to name a job in it. */
const id = z.string().min(1).max(256);
const offset = z.int().nonnegative();
const names = z.array(z.string()).min(1).optional();

const filter = z.strictObject({
  project_id: names,
  session_id: names,
  job_id: names,
  type: names,
  since: z.string().optional(),
  until: z.string().optional(),
});

const clientMessage = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("publish"),
    id,
    events: z.array(z.unknown()),
    groups: z.array(z.int().positive()).optional(),
  }),
  z.strictObject({ op: z.literal("subscribe"), id, filter: filter.optional(), after: z.string().optional() }),
  z.strictObject({ op: z.literal("unsubscribe"), id }),
  z.strictObject({ op: z.literal("log"), id, job_id: jobIdentifier, offset, data: z.base64() }),
  z.strictObject({
    op: z.literal("tail"),
    id,
    job_id: jobIdentifier,
    lines: z.int().min(0).max(MAX_LOG_LINES).optional(),
    offset: offset.optional(),
  }),
  z.strictObject({ op: z.literal("attach"), id, job_id: jobIdentifier }),
  z.strictObject({ op: z.literal("cancel"), id, job_id: jobIdentifier, reason: z.string().optional() }),
]);

/** A client's message as it comes off the wire: the shape is checked, events are not yet. */
export type ReceivedMessage = z.infer<typeof clientMessage>;
export type Received<Op extends ReceivedMessage["op"]> = Extract<ReceivedMessage, { op: Op }>;

/** @throws ProblemError `malformed_json` */
export function parseFrame(data: Buffer, isBinary: boolean): unknown {
  if (isBinary) throw problem("malformed_json", "Messages are text frames that hold JSON, not binary ones.");
  try {
    return JSON.parse(data.toString());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw problem("malformed_json", `The message is not valid JSON: ${cause.message}.`, { cause });
  }
}

/** The request's own id, if the message has one, so that even a wrong message is answered under it. */
export function requestId(message: unknown): string | null {
  if (typeof message !== "object" || message === null || !("id" in message)) return null;
  const checked = id.safeParse(message.id);
  return checked.success ? checked.data : null;
}

/** @throws ProblemError `invalid_request` */
export function readMessage(message: unknown): ReceivedMessage {
  return fitSchema(message, clientMessage, "The message");
}

/** A subscription's filter, read by the same rules as one in a URL. @throws ProblemError `invalid_filter` */
export function readSubscriptionFilter(message: Received<"subscribe">): EventFilter {
  const { since, until, ...lists } = message.filter ?? {};
  const given: EventFilter = {
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined)),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
  return readFilterWith(() => parseFilter(filterParameters(given)));
}

/** The events of a publish, a list a group. @throws ProblemError `invalid_request` where the groups are not those events'. */
export function readGroups({ events, groups = [] }: Received<"publish">): readonly (readonly unknown[])[] {
  let end = 0;
  const read = groups.map((count) => {
    end += count;
    return events.slice(end - count, end);
  });
  if (end === events.length) return read;
  throw problem("invalid_request", `The groups count ${end} events, and the message holds ${events.length}.`, {
    issues: [{ path: "/groups", message: `must add up to ${events.length}` }],
  });
}
