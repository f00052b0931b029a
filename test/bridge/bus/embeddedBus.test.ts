import { describe, expect, it } from "vitest";
import { EmbeddedBus } from "../../../bridge/bus/embeddedBus.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { MemoryStore } from "../../fakes/memoryStore.ts";
import { useStores } from "../store/storeFixture.ts";
import { answer, progress, question } from "./busEvents.ts";
import { describeBus } from "./conformance.ts";
import { type BusParts, startNode } from "./node.ts";

function embedded({ ledger, ...parts }: BusParts): EmbeddedBus {
  return new EmbeddedBus({ ...parts, admit: ledger.admit });
}

describeBus("The embedded bus", () => {
  const stores = useStores();
  const folders = new Map<string, string>();
  return {
    start: async () => {
      const folder = stores.newDirectory();
      const store = await stores.start(folder);
      folders.set(store.epoch, folder);
      return startNode(store, embedded);
    },
    reopenStore: async ({ store }) => {
      const folder = folders.get(store.epoch) ?? "";
      await store.stop();
      return stores.start(folder);
    },
  };
});

describe("The embedded bus on a store that fails", () => {
  it("forgets the decision that could not be stored, so that it can be made again", async () => {
    const store = new MemoryStore();
    await using node = await startNode(store, embedded);
    await node.bus.publish([question("a")]);

    const { append } = store;
    store.append = async (events, options) => {
      for (const event of events) options?.admit?.(event);
      throw problem("store_unavailable", "The disk is full.");
    };
    await expect(node.bus.publish([answer("job.approved", "a")])).rejects.toMatchObject({ code: "store_unavailable" });
    store.append = append;

    const [again] = await node.bus.publish([answer("job.denied", "a")]);
    expect(again).toMatchObject({ seq: 2 });
    expect(node.bus.status().queue_size).toBe(0);
    expect(await node.bus.publish(progress(1, 1))).toMatchObject([{ seq: 3 }]);
  });
});
