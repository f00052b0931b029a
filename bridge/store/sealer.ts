/**
 * Owns moving a closed partition from the journal to its file, in the background and oldest first: the file is on disk,
 * then the metadata says so, then the journal segment goes. A failure leaves the journal as it is, and the next one tries again.
 */
import { rm } from "node:fs/promises";
import type { Logger } from "../diagnostics/logger.ts";
import { syncDirectory } from "./durableFile.ts";
import type { EventIndex } from "./eventIndex.ts";
import { segmentAt } from "./journal/segmentName.ts";
import type { Partition, PartitionCatalogue } from "./partitionCatalogue.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import type { MetadataFile } from "./storeMetadata.ts";

export interface SealerOptions {
  readonly journalDirectory: string;
  readonly catalogue: PartitionCatalogue;
  readonly index: EventIndex;
  readonly worker: PartitionWorker;
  readonly metadata: MetadataFile;
  readonly busCursor: () => string | undefined;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export class Sealer {
  readonly #options: SealerOptions;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #failure: Error | undefined;

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  /** Why the last attempt failed; undefined after a success. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Seals what waits for it; resolves when that is done or has failed. */
  async seal(): Promise<void> {
    if (this.#running === undefined && this.#options.catalogue.waitingForSeal.length > 0) this.#running = this.#run();
    await this.#running;
  }

  /** Begins nothing new and waits for what is in hand. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { catalogue, log } = this.#options;
    await Promise.resolve();
    for (let next = catalogue.waitingForSeal[0]; next !== undefined; next = catalogue.waitingForSeal[0]) {
      if (this.#isStopping) break;
      try {
        await this.#sealOne(next);
        this.#failure = undefined;
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        log.warn("A part of the journal could not be sealed; it stays there until the next attempt", { error });
        break;
      }
    }
    // In the turn of the last look at the list, so that no partition falls between two runs.
    this.#running = undefined;
  }

  async #sealOne({ first, last, events }: Partition): Promise<void> {
    const { journalDirectory, catalogue, index, worker, metadata, busCursor, nowMs } = this.#options;
    const sealed = await worker.call("seal", { partition: first, last, events, sealedAtMs: nowMs() });
    index.sealed(first, last, sealed.ids);
    catalogue.sealed(sealed);
    // The segment may hold the newest word on where the bus stood.
    await metadata.update(() => ({ sealed_seq: last, bus_cursor: busCursor() ?? null }));
    await rm(segmentAt(journalDirectory, first).path, { force: true });
    await syncDirectory(journalDirectory);
  }
}
