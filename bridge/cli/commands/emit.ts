/** Owns `televibe emit`. */
import type { Command } from "commander";
import { v7 as newId } from "uuid";
import type { EventInput } from "../../../shared/events/event.ts";
import type { EventDefaults, parseEvent } from "../../../shared/events/parse.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import { findPlace, toIdentifier } from "../../git/place.ts";
import { CliError, usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

type Parse = typeof parseEvent;

interface EmitOptions extends DataDirOption {
  readonly data?: string;
  readonly project?: string;
  readonly session?: string;
  readonly job?: string;
  readonly visibility?: string;
  readonly recipients?: string;
  readonly eventId?: string;
  readonly json?: boolean;
}

export function registerEmit(program: Command, context: CliContext): void {
  const command = program
    .command("emit")
    .description("Publish one event, or one a line (NDJSON) from standard input")
    .argument("[type]", "such as job.progress; left out or -, events are read from standard input")
    .option("--data <json>", "the event's own data", "{}")
    .option("--project <id>", "the project (default: the git repository's name)")
    .option("--session <id>", "the session (default: the branch, or the worktree's name)")
    .option("--job <id>", "the job (default: the one of `televibe run` that this runs in)")
    .option("--visibility <word>", "public, or internal: never sent to Telegram")
    .option("--recipients <ids>", "chats that may be told, separated by commas (default: all)")
    .option("--event-id <uuid>", "the event's id; publishing it twice is one event")
    .option("--json", "print results as JSON")
    .addHelpText(
      "after",
      `\nExamples:\n  televibe emit job.progress --job build-1 --data '{"message": "halfway", "percent": 50}'\n  produce-events | televibe emit`,
    );
  addDataDir(command).action(async (type: string | undefined, options: EmitOptions) => {
    const isFromInput = type === undefined || type === "-";
    // Loaded here, as only this command checks events itself and the schemas take their time to make.
    const { parseEvent: parse } = await import("../../../shared/events/parse.ts");
    const events = isFromInput ? parseLines(await readInput(), parse) : [await eventOf(type, options, parse)];
    if (events.length === 0) return;
    const client = await new BridgeAccess(context, options.dataDir).client();
    const results = await client.publish(events);
    for (const result of results) context.terminal.print(options.json ? JSON.stringify(result) : describe(result));
    if (results.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
  });
}

async function eventOf(event_type: string, options: EmitOptions, parse: Parse): Promise<EventInput> {
  const place = await findPlace(currentFolder());
  const { TELEVIBE_JOB_ID, TELEVIBE_PROJECT, TELEVIBE_SESSION } = process.env;
  const job_id = options.job ?? (TELEVIBE_JOB_ID || undefined);
  const input = {
    event_id: options.eventId ?? newId(),
    event_type,
    source: { component: "emit", instance_id: "cli" },
    project_id: toIdentifier(options.project ?? TELEVIBE_PROJECT ?? place.project),
    session_id: toIdentifier(options.session ?? TELEVIBE_SESSION ?? place.session),
    ...(job_id === undefined ? {} : { job_id }),
    data: parseData(options.data ?? "{}"),
    ...(options.visibility === undefined ? {} : { visibility: options.visibility }),
    ...(options.recipients === undefined ? {} : { recipients: options.recipients.split(",") }),
  };
  return check(input, "The event", parse);
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`--data is not JSON: ${error.message}`);
    throw error;
  }
}

/** All lines are checked before anything is sent. */
function parseLines(text: string, parse: Parse): readonly EventInput[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const where = `Line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new CliError(`${where} is not JSON: ${error.message}. Nothing was published.`);
      throw error;
    }
    return [check(value, where, parse)];
  });
}

/** Where each event got an id of ours, a second try would still be the same event. */
const DEFAULTS: EventDefaults = {
  newEventId: newId,
  nowMs: Date.now,
  source: { component: "emit", instance_id: "cli" },
};

function check(value: unknown, where: string, parse: Parse): EventInput {
  const parsed = parse(value, DEFAULTS);
  if (parsed.ok) return { ...parsed.value, recipients: [...parsed.value.recipients], data: { ...parsed.value.data } };
  const issues = parsed.issues.map(({ path, message }) => `${path || "it"} ${message}`).join("; ");
  throw new CliError(`${where} does not fit its schema: ${issues}. Nothing was published.`);
}

function describe({ event_id, seq, duplicate, problem }: PublishResult): string {
  if (problem !== undefined) return `refused  ${event_id}  ${problem.detail}`;
  if (seq === null) return `waiting  ${event_id}  it is on disk and gets its place when Redis is back`;
  return `${seq}  ${event_id}${duplicate ? "  published before" : ""}`;
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
