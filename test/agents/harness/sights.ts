/** Owns what these tests look at again and again in the bridge's picture, and in what the model was told. */
import type { Approval } from "../../../shared/protocol/approval.ts";
import type { Job } from "../../../shared/state/state.ts";
import { eventually } from "../../support/eventually.ts";
import type { World } from "./world.ts";

/** The one approval that waits, once there is one. */
export function pendingApproval({ client }: World): Promise<Approval> {
  return eventually("a question", async () => (await client.approvals({ state: "pending" }))[0]);
}

/** The newest turn, once there is one. */
export function newestJob({ client }: World): Promise<Job> {
  return eventually("a turn", async () => {
    const { jobs } = (await client.state()).state;
    return jobs.toSorted((a, b) => (a.started_at ?? "").localeCompare(b.started_at ?? "")).at(-1);
  });
}

/** What the model was told became of a tool call; undefined while it was told nothing. */
export function toldTheModel({ model }: World, callId: string): string | undefined {
  return model.conversations.flatMap(({ results }) => results).find(({ id }) => id === callId)?.text;
}
