/** Owns `televibe store verify`. */
import type { Command } from "commander";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";
import { endProgress, openLines, showProgress, workLines } from "../storeLines.ts";

interface VerifyOptions extends DataDirOption {
  readonly json?: boolean;
}

export function registerStoreVerify(store: Command, context: CliContext): void {
  const command = store
    .command("verify")
    .description("Read all of the store and check it; exit code 1 and a list when something is wrong")
    .option("--json", "one JSON object a line, progress included")
    .addHelpText("after", "\nExample:\n  televibe store verify");
  addDataDir(command).action(async (options: VerifyOptions) => {
    const { terminal } = context;
    const entry = await new BridgeAccess(context, options.dataDir).open();
    for await (const line of workLines(await openLines(entry, "GET", "/v1/store/verify"))) {
      if (line.kind === "verified" && line.problems > 0) process.exitCode = 1;
      if (options.json) {
        terminal.print(JSON.stringify(line));
      } else if (line.kind === "progress") {
        showProgress(`${line.done} of ${line.total} ${line.what}`);
      } else if (line.kind === "problem") {
        endProgress();
        terminal.print(`✗ ${line.what}: ${line.message}`);
      } else if (line.kind === "verified") {
        endProgress();
        const found = ["nothing is wrong", "one problem"][line.problems] ?? `${line.problems} problems`;
        terminal.print(
          `${line.problems === 0 ? "✓" : "✗"} ${line.events} events in ${line.partitions} parts: ${found}`,
        );
      }
    }
  });
}
