/** Owns `televibe store import`: the one command that writes the store itself, and so the one that no bridge may run beside. */
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { describeError } from "../../../shared/client/bridgeUnreachableError.ts";
import { dataDirectory } from "../../../shared/client/dataDirectory.ts";
import { paths } from "../../../shared/client/dataPaths.ts";
import { createLogger } from "../../diagnostics/logger.ts";
import { BridgeAlreadyRunningError } from "../../lifecycle/bridgeAlreadyRunningError.ts";
import { acquireBridgeLock, type BridgeLock } from "../../lifecycle/bridgeLock.ts";
import { CliError } from "../cliError.ts";
import type { CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";
import { endProgress, showProgress } from "../storeLines.ts";

export function registerStoreImport(store: Command, context: CliContext): void {
  const command = store
    .command("import")
    .description("Make the store from an export; no bridge may run, and there must be no events yet")
    .argument("<file>", "the export; - is standard input")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe store import backup.ndjson\n  gunzip -c backup.ndjson.gz | televibe store import --data-dir ~/restored -",
    );
  addDataDir(command).action(async (file: string, options: DataDirOption) => {
    const { terminal, assets } = context;
    const dataPaths = paths(dataDirectory(process.env, options.dataDir));
    await using _lock = await lock(dataPaths);
    // Loaded here: no other command needs the store's insides.
    const { ExportError } = await import("../../store/exportFormat.ts");
    const { importStore, StoreNotEmptyError } = await import("../../store/storeImport.ts");
    const { importState, StateFile } = await import("../../projection/stateFile.ts");
    const source = file === "-" ? process.stdin : (await openExport(file)).createReadStream();
    try {
      const imported = await importStore(source, {
        directory: dataPaths.store,
        workerFile: join(assets, "storeWorker.js"),
        wasmFile: join(assets, "sql-wasm.wasm"),
        log: createLogger({ write: (line) => void process.stderr.write(line), nowMs: Date.now, secrets: [] }),
        nowMs: Date.now,
        onProgress: (count, { last_seq }) => showProgress(`${count} events, up to seq ${last_seq} in all`),
      });
      const { epoch, events, lastSeq } = imported;
      const state = importState(imported.state);
      // Without one it is made from the events, and never taken from what another store's came to.
      if (state === undefined) await rm(dataPaths.state, { force: true });
      else await new StateFile(dataPaths.state).write(epoch, state);
      endProgress();
      terminal.print(`Imported ${events} events, up to seq ${lastSeq}, of the store ${epoch}.`);
    } catch (error) {
      endProgress();
      if (error instanceof ExportError || error instanceof StoreNotEmptyError) throw new CliError(error.message);
      throw error;
    }
  });
}

async function openExport(file: string): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (error) {
    throw new CliError(`${file} cannot be read (${describeError(error)}).`, 1, { cause: error });
  }
}

async function lock(dataPaths: ReturnType<typeof paths>): Promise<BridgeLock> {
  try {
    return await acquireBridgeLock(dataPaths);
  } catch (error) {
    if (!(error instanceof BridgeAlreadyRunningError)) throw error;
    throw new CliError(
      `A bridge runs with ${dataPaths.root}, and an import needs the store for itself. Stop it with \`televibe stop\` and try again.`,
    );
  }
}
