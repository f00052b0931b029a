/** Owns `GET /metrics`. */
import { QueryParameters } from "./parameters.ts";
import type { Route } from "./route.ts";
import type { Services } from "./services.ts";

export function metricsRoutes({ health, metrics, streamHub }: Services): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      handle: async ({ query }) => {
        new QueryParameters(query).allow();
        const body = await metrics.render({
          health: health(),
          subscribers: { sse: streamHub.countReaders("sse"), ws: streamHub.countReaders("ws") },
          longestQueueBytes: streamHub.longestQueueBytes,
        });
        return { status: 200, contentType: metrics.contentType, body };
      },
    },
  ];
}
