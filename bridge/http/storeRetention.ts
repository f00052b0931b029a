/** Owns `/v1/store/retention` and `/v1/store/pins`: how long things are kept, and which sessions whatever their age. */
import type { RetentionReport } from "../../shared/protocol/store.ts";
import type { Retention } from "../store/retention.ts";
import { pinBody, retentionChange } from "../store/retentionSettings.ts";
import { readJson } from "./jsonRequest.ts";
import { QueryParameters } from "./parameters.ts";
import { type Answer, jsonAnswer, type Route } from "./route.ts";

const RETENTION_PATH = "/v1/store/retention";
const PINS_PATH = "/v1/store/pins";

export function retentionRoutes(retention: Pick<Retention, "look" | "change" | "pin" | "unpin">): readonly Route[] {
  return [
    {
      method: "GET",
      path: RETENTION_PATH,
      handle: async ({ query }) => {
        new QueryParameters(query).allow();
        return reported(await retention.look());
      },
    },
    {
      method: "POST",
      path: RETENTION_PATH,
      handle: async ({ query, request }) => {
        new QueryParameters(query).allow();
        return reported(await retention.change(await readJson(request, retentionChange)));
      },
    },
    {
      method: "POST",
      path: PINS_PATH,
      handle: async ({ query, request }) => {
        new QueryParameters(query).allow();
        return reported(await retention.pin(await readJson(request, pinBody)));
      },
    },
    {
      method: "DELETE",
      path: `${PINS_PATH}/{project_id}/{session_id}`,
      handle: async ({ query, path }) => {
        new QueryParameters(query).allow();
        const { project_id = "", session_id = "" } = path;
        return reported(await retention.unpin({ project_id, session_id }));
      },
    },
  ];
}

function reported(report: RetentionReport): Answer {
  return jsonAnswer(200, report);
}
