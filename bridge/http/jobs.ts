/** Owns `/v1/jobs/{job_id}`: asking that a job be canceled. Its log is in jobLogRoutes.ts. */
import * as z from "zod";
import { readJson } from "./jsonRequest.ts";
import { QueryParameters } from "./parameters.ts";
import { type Answer, jsonAnswer, type RequestContext, type Route } from "./route.ts";
import type { Services } from "./services.ts";

const cancelRequest = z.strictObject({ reason: z.string().optional() });

export function jobRoutes(services: Services): readonly Route[] {
  return [{ method: "POST", path: "/v1/jobs/{job_id}/cancel", handle: (context) => cancel(services, context) }];
}

/** Accepted, not done: that the job has stopped is said by its runner, with `job.canceled`. */
async function cancel({ jobs, projection }: Services, { path, query, request }: RequestContext): Promise<Answer> {
  new QueryParameters(query).allow();
  const { reason } = await readJson(request, cancelRequest, { whenEmpty: {} });
  const job_id = path["job_id"] ?? "";
  jobs.cancel(job_id, reason ?? null, projection.state);
  return jsonAnswer(202, { job_id });
}
