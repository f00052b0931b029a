/** Owns calling the script that puts an event into Redis. */
import * as z from "zod";
import type { Event } from "../../../shared/events/event.ts";
import { isDecision } from "../../approvals/decisionTarget.ts";
import { channelOf } from "./keys.ts";
import type { RedisLink } from "./redisLink.ts";
import { PUBLISH } from "./scripts.ts";

const reply = z.tuple([z.number(), z.string()]);

export interface PublishAnswer {
  /** The decision event (JSON) that was there before, if the event is one decision too many: then it was not put in. */
  readonly winner: string | undefined;
}

/** @throws RedisAwayError */
export async function putEvent(
  link: Pick<RedisLink, "run">,
  event: Event,
  options: { readonly token: string; readonly maxStreamEntries: number },
): Promise<PublishAnswer> {
  const { event_id, event_type, project_id } = event;
  const approval_id = isDecision(event) ? (event.data.approval_id ?? "") : "";
  const [isTaken, answer] = reply.parse(
    await link.run(PUBLISH, [
      JSON.stringify(event),
      project_id,
      channelOf(event_type),
      event_id,
      approval_id,
      options.token,
      String(options.maxStreamEntries),
    ]),
  );
  return { winner: isTaken === 1 ? undefined : answer };
}
