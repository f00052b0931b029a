/** Owns the whole taxonomy: which event types there are, and the payload schema of each. */
import type * as z from "zod";
import { coordinationPayloads } from "./coordination.ts";
import { jobPayloads } from "./job.ts";
import { orchestratorPayloads } from "./orchestrator.ts";
import { projectPayloads } from "./project.ts";
import { sessionPayloads } from "./session.ts";
import { taskPayloads } from "./task.ts";

export const payloadSchemas = {
  ...orchestratorPayloads,
  ...projectPayloads,
  ...sessionPayloads,
  ...jobPayloads,
  ...taskPayloads,
  ...coordinationPayloads,
};

export type EventType = keyof typeof payloadSchemas;

/** The payload (`data`) of one event type. */
export type Payload<T extends EventType> = z.infer<(typeof payloadSchemas)[T]>;

/** Narrows a type's name to one that this version knows. */
export function isKnownEventType(name: string): name is EventType {
  return Object.hasOwn(payloadSchemas, name);
}
