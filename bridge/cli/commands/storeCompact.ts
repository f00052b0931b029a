/** Owns `televibe store compact`. */
import type { Command } from "commander";
import { formatBytes } from "../byteSize.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";
import { endProgress, openLines, showProgress, workLines } from "../storeLines.ts";

interface CompactOptions extends DataDirOption {
  readonly json?: boolean;
}

export function registerStoreCompact(store: Command, context: CliContext): void {
  const command = store
    .command("compact")
    .description("Take out at once what is kept no longer, and write small files as one")
    .option("--json", "one JSON object a line, progress included")
    .addHelpText("after", "\nExample:\n  televibe store compact");
  addDataDir(command).action(async (options: CompactOptions) => {
    const { terminal } = context;
    const entry = await new BridgeAccess(context, options.dataDir).open();
    for await (const line of workLines(await openLines(entry, "POST", "/v1/store/compact"))) {
      if (options.json) {
        terminal.print(JSON.stringify(line));
      } else if (line.kind === "progress") {
        showProgress(`${line.done} of ${line.total} ${line.what}`);
      } else if (line.kind === "compacted") {
        endProgress();
        terminal.print(`Bytes        ${formatBytes(line.bytes_before)} before, ${formatBytes(line.bytes_after)} now`);
        terminal.print(`Partitions   ${line.partitions_before} before, ${line.partitions_after} now`);
        terminal.print(`Events       ${line.events_removed} removed`);
      }
    }
  });
}
