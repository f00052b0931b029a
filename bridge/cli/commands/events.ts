/** Owns `televibe events`. */
import type { Command } from "commander";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { EventStream } from "../../../shared/client/eventStream.ts";
import { formatCursor } from "../../../shared/protocol/cursor.ts";
import { DEFAULT_QUERY_LIMIT } from "../../../shared/protocol/version.ts";
import { fromWire } from "../../../shared/state/wire.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { EventPrinter } from "../eventPrinter.ts";
import { addFilters, type FilterOptions, toFilter } from "../filterOptions.ts";
import { untilInterrupted } from "../interruption.ts";
import { addDataDir, type DataDirOption, parseCount } from "../sharedOptions.ts";

interface EventsOptions extends DataDirOption, FilterOptions {
  readonly limit: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export function registerEvents(program: Command, context: CliContext): void {
  const command = addFilters(program.command("events").description("Show events, oldest first"))
    .option("--job <id>", "only this job")
    .option("--type <patterns...>", "only these: job.started, job.*, *")
    .option("-n, --limit <count>", "how many of the newest", parseCount, DEFAULT_QUERY_LIMIT)
    .option("-f, --follow", "go on with what comes")
    .option("--json", "one JSON object a line")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe events --since 2h --type job.failed\n  televibe events -f --project shop --json",
    );
  addDataDir(command).action(async (options: EventsOptions) => {
    const access = new BridgeAccess(context, options.dataDir);
    const filter = toFilter(options, Date.now());
    const client = new BridgeClient(await access.open());
    const { epoch, seq, state } = await client.state();
    const printer = new EventPrinter({
      terminal: context.terminal,
      isJson: options.json === true,
      state: fromWire(seq, state),
    });
    const newest = await client.events({ ...filter, limit: options.limit, order: "desc" });
    for (const event of [...newest].reverse()) printer.print(event);
    if (!options.follow) return;

    const after = formatCursor({ epoch, seq: newest[0]?.seq ?? seq });
    const stream = new EventStream({
      connect: (signal) => access.open(signal),
      filter,
      after,
      onEvents: (batch) => {
        for (const event of batch) printer.print(event);
      },
      onControl: (control) => {
        if (control.event_type !== "stream.gap") return;
        context.terminal.note(
          `televibe: events ${control.data.from} to ${control.data.to} are gone (${control.data.reason})`,
        );
      },
      onStatus: (status) => {
        if (status.state === "reconnecting") context.terminal.note(`televibe: reconnecting (${status.reason})`);
      },
    });
    stream.start();
    await untilInterrupted();
    await stream.stop();
  });
}
