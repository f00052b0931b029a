/** Owns `/v1/store`: how the event store is, and the long pieces of work on it, which tell how far they are. */
import type { CompactResult, StoreInfo, StoreProgress } from "../../shared/protocol/store.ts";
import type { ExportedState } from "../store/exportFormat.ts";
import type { LocalStore } from "../store/localStore.ts";
import type { Retention } from "../store/retention.ts";
import { ageRules, keepAllRules } from "../store/retentionPolicy.ts";
import { exportStore } from "../store/storeExport.ts";
import { jsonLines, sendLines } from "./lineStream.ts";
import { QueryParameters } from "./parameters.ts";
import { jsonAnswer, type RequestContext, type Route } from "./route.ts";

export interface StoreServices {
  readonly store: LocalStore;
  readonly retention: Retention;
  /** What the events so far have come to. */
  readonly state: () => ExportedState;
  readonly logBytes: () => Promise<number>;
  readonly warnings: () => readonly string[];
}

export function storeRoutes(services: StoreServices): readonly Route[] {
  const { store, retention } = services;
  const lines = (make: (signal: AbortSignal) => AsyncGenerator<string>) => async (context: RequestContext) => {
    new QueryParameters(context.query).allow();
    await sendLines(context, make(context.signal));
    return undefined;
  };
  return [
    {
      method: "GET",
      path: "/v1/store",
      handle: async ({ query }) => {
        new QueryParameters(query).allow();
        return jsonAnswer(200, await describeStore(services));
      },
    },
    {
      method: "GET",
      path: "/v1/store/export",
      handle: lines((signal) => heldExport(services, signal)),
    },
    { method: "GET", path: "/v1/store/verify", handle: lines((signal) => jsonLines(store.upkeep.verify(signal))) },
    {
      method: "POST",
      path: "/v1/store/compact",
      handle: lines((signal) => jsonLines(compact(store, retention, signal))),
    },
  ];
}

/** Nothing is removed while it goes on. */
async function* heldExport({ store, retention, state }: StoreServices, signal: AbortSignal): AsyncGenerator<string> {
  using _held = await retention.hold();
  yield* exportStore(store, state(), signal);
}

async function* compact(
  store: LocalStore,
  retention: Retention,
  signal: AbortSignal,
): AsyncGenerator<StoreProgress | CompactResult> {
  using _occupied = await retention.occupy(signal);
  const { settings } = await retention.look();
  const nowMs = await store.upkeep.retentionNow();
  // Without settings that can be read nothing is removed, here either.
  const rules = settings === null ? keepAllRules() : ageRules(settings, nowMs);
  yield* store.upkeep.compact({ rules, nowMs, signal });
}

async function describeStore({ store, retention, logBytes, warnings }: StoreServices): Promise<StoreInfo> {
  const { oldestMs, newestMs, ...facts } = store.upkeep.facts();
  const time = (timeMs: number | null) => (timeMs === null ? null : new Date(timeMs).toISOString());
  return {
    ...store.health(),
    ...facts,
    oldest: time(oldestMs),
    newest: time(newestMs),
    logs: { bytes: await logBytes() },
    gaps: store.gaps(),
    thinned: store.thinned(),
    retention: await retention.look(),
    warnings: warnings(),
  };
}
