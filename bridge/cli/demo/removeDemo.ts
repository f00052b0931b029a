/** Owns what becomes of the demo's traces: they are kept for a day, and out of sight as soon as somebody asks for it. */
import { v7 as newId } from "uuid";
import type { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import type { RetentionReport } from "../../../shared/protocol/store.ts";
import { DEMO_PROJECT } from "./demoProject.ts";

const RETENTION_PATH = "/v1/store/retention";

/** The least that there is. */
const KEPT_DAYS = 1;

/** Keeps the demo's events and logs for a day, unless somebody has said for how long. */
export async function keepDemoShortly(client: BridgeClient): Promise<void> {
  const { settings, problem } = await client.json<RetentionReport>("GET", RETENTION_PATH);
  // A file that is wrong is its owner's to mend; until then nothing is removed at all.
  if (problem !== null || settings === null || settings.projects[DEMO_PROJECT] !== undefined) return;
  const body = { projects: { [DEMO_PROJECT]: { days: KEPT_DAYS } } };
  await client.json<RetentionReport>("POST", RETENTION_PATH, { body });
}

/** Takes the demo out of every surface's sight; one that is being played ends by it. Answers whether there was one. */
export async function removeDemo(client: BridgeClient): Promise<boolean> {
  const { state } = await client.state();
  if (!state.projects.some(({ project_id }) => project_id === DEMO_PROJECT)) return false;
  await client.publish([
    {
      event_id: newId(),
      event_type: "project.removed",
      source: { component: "demo", instance_id: "remove" },
      project_id: DEMO_PROJECT,
      data: { reason: "The demo was removed" },
      visibility: "internal",
    },
  ]);
  return true;
}
