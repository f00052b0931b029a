/** Owns `televibe replay`. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import type { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import type { EventFilter } from "../../../shared/protocol/filter.ts";
import { EMPTY_STATE } from "../../../shared/state/state.ts";
import { CliError, usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { EventPrinter } from "../eventPrinter.ts";
import { addFilters, type FilterOptions, toFilter } from "../filterOptions.ts";
import { readMeant } from "../meant.ts";
import { sessionsView } from "../sessionsView.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

/** Longest pause that is played, whatever the speed: nobody watches a night go by. */
const MAX_PAUSE_MS = 5000;
const PAGE_EVENTS = 500;

interface ReplayOptions extends DataDirOption, FilterOptions {
  readonly speed?: number;
  readonly json?: boolean;
}

export function registerReplay(program: Command, context: CliContext): void {
  const command = addFilters(
    program.command("replay").description("Play past events in order, and show what they come to"),
  )
    .option("--speed <factor>", "1 plays in real time, 10 ten times as fast (default: without pauses)", parseSpeed)
    .option("--json", "one JSON object a line")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe replay --session feature/login --speed 10\n  televibe replay --since 2h",
    );
  addDataDir(command).action(async (options: ReplayOptions) => {
    const { terminal } = context;
    // What is written wrong is told before a bridge is looked for.
    toFilter(options, Date.now());
    const client = await new BridgeAccess(context, options.dataDir).client();
    const { ids, unknown } = await readMeant(client, options);
    const filter = toFilter({ ...options, ...ids }, Date.now());
    // From nothing, through the reducer that every surface draws from.
    const printer = new EventPrinter({ terminal, isJson: options.json === true, state: EMPTY_STATE });
    let previousMs: number | undefined;
    for await (const event of readAll(client, filter)) {
      const atMs = Date.parse(event.timestamp);
      if (options.speed !== undefined && previousMs !== undefined) {
        await delay(Math.min(MAX_PAUSE_MS, Math.max(0, atMs - previousMs) / options.speed));
      }
      previousMs = atMs;
      printer.print(event);
    }
    if (previousMs === undefined && unknown !== undefined) throw new CliError(unknown);
    if (options.json) return;
    if (previousMs === undefined) terminal.note("No event passes these filters.");
    else terminal.print(`\n${sessionsView(printer.state, terminal.style, previousMs).join("\n")}`);
  });
}

async function* readAll(client: BridgeClient, filter: EventFilter): AsyncGenerator<StoredEvent> {
  let after = 0;
  for (;;) {
    const page = await client.events({ ...filter, after, limit: PAGE_EVENTS, order: "asc" });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!Number.isFinite(speed) || speed <= 0)
    throw usageError(`"${text}" is no speed; write a number above zero, such as 10`);
  return speed;
}
