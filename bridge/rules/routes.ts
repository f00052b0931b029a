/** Owns `/v1/rules`: what is in force, and what it would decide. */
import { readJson } from "../http/jsonRequest.ts";
import { QueryParameters } from "../http/parameters.ts";
import { jsonAnswer, type Route } from "../http/route.ts";
import { requestOfCheck } from "./request.ts";
import type { Rules } from "./rules.ts";
import { ruleCheck } from "./rulesSchema.ts";

export function ruleRoutes(rules: Pick<Rules, "inForce" | "check">): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/rules",
      handle: async ({ query }) => {
        new QueryParameters(query).allow();
        return jsonAnswer(200, await rules.inForce());
      },
    },
    {
      method: "POST",
      path: "/v1/rules/check",
      handle: async ({ query, request }) => {
        new QueryParameters(query).allow();
        return jsonAnswer(200, await rules.check(requestOfCheck(await readJson(request, ruleCheck))));
      },
    },
  ];
}
