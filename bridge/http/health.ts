/** Owns `/healthz` (does the process work?) and `/readyz` (can events be stored?); both say what is wrong. */
import type { Health } from "../../shared/protocol/health.ts";
import { QueryParameters } from "./parameters.ts";
import { jsonAnswer, type Route } from "./route.ts";
import type { Services } from "./services.ts";

/** Redis or Telegram being away makes the bridge degraded, not dead: restarting it would mend nothing. */
export function isAlive({ status }: Health): boolean {
  return status !== "unhealthy";
}

export function isReady({ store }: Health): boolean {
  return store.state === "open";
}

export function healthRoutes({ health }: Services): readonly Route[] {
  const route = (path: string, isGood: (health: Health) => boolean): Route => ({
    method: "GET",
    path,
    handle: ({ query }) => {
      new QueryParameters(query).allow();
      const now = health();
      return jsonAnswer(isGood(now) ? 200 : 503, now);
    },
  });
  return [route("/healthz", isAlive), route("/readyz", isReady)];
}
