/** Owns `televibe events`. */
import type { Command } from "commander";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { EventStream } from "../../../shared/client/eventStream.ts";
import { formatCursor, parseCursor } from "../../../shared/protocol/cursor.ts";
import { DEFAULT_QUERY_LIMIT } from "../../../shared/protocol/version.ts";
import { fromWire } from "../../../shared/state/wire.ts";
import { CliError, usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { EventPrinter } from "../eventPrinter.ts";
import { addFilters, type FilterOptions, toFilter } from "../filterOptions.ts";
import { untilInterrupted } from "../interruption.ts";
import { whatIsMeant } from "../meant.ts";
import { addDataDir, type DataDirOption, parseCount } from "../sharedOptions.ts";

interface EventsOptions extends DataDirOption, FilterOptions {
  readonly limit: number;
  readonly after?: string;
  readonly follow?: boolean;
  readonly search?: string;
  readonly json?: boolean;
}

export function registerEvents(program: Command, context: CliContext): void {
  const command = addFilters(program.command("events").description("Show events, oldest first"))
    .option("--job <id>", "only this job")
    .option("--type <patterns...>", "only these: job.started, job.*, *")
    .option("--search <words>", 'only with all these words; "two words" together, wor* for the beginning of one')
    .option("-n, --limit <count>", "how many", parseCount, DEFAULT_QUERY_LIMIT)
    .option("--after <cursor>", "the first ones after this seq or cursor, instead of the newest", parseAfter)
    .option("-f, --follow", "go on with what comes")
    .option("--json", "one JSON object a line")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe events --since 2h --type job.failed\n  televibe events --search 'tests fail*'\n  televibe events -f --project shop --json",
    );
  addDataDir(command).action(async (options: EventsOptions) => {
    if (options.search !== undefined && options.follow === true) {
      throw usageError("--search looks through what is stored and cannot --follow what comes; leave one of them out");
    }
    const access = new BridgeAccess(context, options.dataDir);
    const search = options.search === undefined ? {} : { search: options.search };
    // What is written wrong is told before a bridge is looked for.
    toFilter(options, Date.now());
    const client = new BridgeClient(await access.open());
    const { epoch, seq, state: wire } = await client.state();
    const state = fromWire(seq, wire);
    const { ids, unknown } = whatIsMeant(state, options);
    const filter = toFilter({ ...options, ...ids }, Date.now());
    const printer = new EventPrinter({
      terminal: context.terminal,
      isJson: options.json === true,
      state,
    });
    const { after: start, limit } = options;
    const shown =
      start === undefined
        ? [...(await client.events({ ...filter, ...search, limit, order: "desc" }))].reverse()
        : await client.events({ ...filter, ...search, limit, order: "asc", after: start });
    for (const event of shown) printer.print(event);
    if (shown.length === 0 && unknown !== undefined) {
      if (!options.follow) throw new CliError(unknown);
      context.terminal.note(unknown);
    }
    if (!options.follow) {
      if (shown.length === 0 && !options.json) context.terminal.note("No event passes these filters.");
      return;
    }

    const last = shown.at(-1)?.seq;
    // With nothing shown there is nothing before what the picture stands at, or what was asked for.
    const after = last === undefined ? (start ?? formatCursor({ epoch, seq })) : formatCursor({ epoch, seq: last });
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
          `televibe: events between ${control.data.from} and ${control.data.to} are gone (${control.data.reason})`,
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

function parseAfter(text: string): string {
  if (parseCursor(text) !== undefined) return text;
  throw usageError(`"${text}" is no cursor; write a seq such as 120, or a cursor as streams give it`);
}
