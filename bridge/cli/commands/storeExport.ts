/** Owns `televibe store export`. */
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { BridgeUnreachableError, describeError } from "../../../shared/client/bridgeUnreachableError.ts";
import { syncDirectory } from "../../store/durableFile.ts";
import { formatBytes } from "../byteSize.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";
import { openLines } from "../storeLines.ts";

const FILE_MODE = 0o600;
/** What the last line of a complete export begins with. */
const END = '{"televibe_export_end":true,';
/** More than that line has. */
const END_BYTES = 512;

export function registerStoreExport(store: Command, context: CliContext): void {
  const command = store
    .command("export")
    .description("Write all events to a file, or to standard output, while the bridge goes on; `import` takes it")
    .argument("[file]", "where to; - is standard output", "-")
    .option("--ndjson", "one JSON object a line (there is no other form)")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe store export backup.ndjson\n  televibe store export --ndjson | gzip > backup.ndjson.gz",
    );
  addDataDir(command).action(async (file: string, options: DataDirOption) => {
    const { terminal } = context;
    const entry = await new BridgeAccess(context, options.dataDir).open();
    const response = await openLines(entry, "GET", "/v1/store/export");
    if (file === "-") {
      await copy(response, process.stdout, false);
      return;
    }
    // Under its name only once it is complete: a cut-off export must not stand where a good one stood.
    const partial = `${file}.partial`;
    try {
      const bytes = await copy(response, createWriteStream(partial, { mode: FILE_MODE, flush: true }), true);
      await rename(partial, file);
      await syncDirectory(dirname(file));
      terminal.note(`Exported to ${file} (${formatBytes(bytes)}).`);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  });
}

/** Answers how many bytes there were. @throws BridgeUnreachableError when they end before the export does. */
async function copy(response: IncomingMessage, target: NodeJS.WritableStream, end: boolean): Promise<number> {
  let bytes = 0;
  let tail = Buffer.alloc(0);
  const watched = async function* () {
    try {
      for await (const chunk of response) {
        bytes += chunk.length;
        tail = Buffer.concat([tail, chunk.subarray(-END_BYTES)]).subarray(-END_BYTES);
        yield chunk;
      }
    } catch (error) {
      throw new BridgeUnreachableError(`the export broke off (${describeError(error)})`, { cause: error });
    }
  };
  await pipeline(watched, target, { end });
  const lastLine = tail.toString("utf8").trimEnd().split("\n").at(-1) ?? "";
  if (!lastLine.startsWith(END)) throw new BridgeUnreachableError("the export broke off before its end");
  return bytes;
}
