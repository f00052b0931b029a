/** Owns `televibe store info`. */
import type { Command } from "commander";
import type { StoreInfo, StoreRange } from "../../../shared/protocol/store.ts";
import { formatBytes } from "../byteSize.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";
import { describeRetention } from "./storeRetention.ts";

interface InfoOptions extends DataDirOption {
  readonly json?: boolean;
}

/** Ranges that are written out. */
const MAX_RANGES = 10;

export function registerStoreInfo(store: Command, context: CliContext): void {
  const command = store
    .command("info")
    .description("Show what the store holds, what is gone from it, and what it takes")
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  televibe store info");
  addDataDir(command).action(async (options: InfoOptions) => {
    const client = await new BridgeAccess(context, options.dataDir).client();
    const info = await client.json<StoreInfo>("GET", "/v1/store");
    if (options.json) context.terminal.print(JSON.stringify(info));
    else for (const line of describe(info)) context.terminal.print(line);
  });
}

function describe(info: StoreInfo): readonly string[] {
  const { partitions, journal, gaps, thinned, retention } = info;
  const waiting = partitions.waiting === 0 ? "" : `, ${partitions.waiting} to be sealed`;
  const [kept = "", ...rest] = describeRetention(retention);
  return [
    `Store        ${info.directory} (format ${info.format}, epoch ${info.epoch}, ${info.state})`,
    `Events       ${info.events}, seq ${info.first_seq} to ${info.last_seq}`,
    ...(info.oldest === null || info.newest === null ? [] : [`Times        ${info.oldest} to ${info.newest}`]),
    `Partitions   ${partitions.sealed}${waiting}, ${formatBytes(partitions.bytes)}`,
    `Journal      ${journal.events} events, ${formatBytes(journal.bytes)}`,
    `Job logs     ${formatBytes(info.logs.bytes)}`,
    ...(gaps.length === 0 ? [] : [`Lost         ${describeRanges(gaps)}`]),
    ...(thinned.length === 0 ? [] : [`Thinned      ${describeRanges(thinned)}`]),
    `Retention    ${kept}`,
    ...rest.map((line) => `             ${line}`),
    ...info.warnings.map((warning) => `Warning      ${warning}`),
  ];
}

function describeRanges(ranges: readonly StoreRange[]): string {
  const shown = ranges.slice(0, MAX_RANGES).map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
  return [...shown, ...(ranges.length > MAX_RANGES ? [`${ranges.length - MAX_RANGES} more`] : [])].join(", ");
}
