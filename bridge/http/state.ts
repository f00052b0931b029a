/** Owns `GET /v1/state`: the reducer's picture and where it stands. */
import { type StateSnapshot, toWire } from "../../shared/state/wire.ts";
import { QueryParameters } from "./parameters.ts";
import { jsonAnswer, type Route } from "./route.ts";
import type { Services } from "./services.ts";

export function stateRoutes({ projection, store }: Services): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/state",
      handle: ({ query }) => {
        new QueryParameters(query).allow();
        const { state } = projection;
        const snapshot: StateSnapshot = { epoch: store.epoch, seq: state.seq, state: toWire(state) };
        return jsonAnswer(200, snapshot);
      },
    },
  ];
}
