/** Owns `televibe store retention`. */
import type { Command } from "commander";
import type { RetentionChange, RetentionReport } from "../../../shared/protocol/store.ts";
import { formatBytes, parseBytes } from "../byteSize.ts";
import { CliError, usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption, parseCount } from "../sharedOptions.ts";

interface RetentionOptions extends DataDirOption {
  readonly days?: number | "forever" | "default";
  readonly maxSize?: number | "none";
  readonly project?: string;
  readonly json?: boolean;
}

export function registerStoreRetention(store: Command, context: CliContext): void {
  const command = store
    .command("retention")
    .description("Show how long events and logs are kept; with options, change it")
    .option("--days <days>", "keep for so many days, or `forever`; of a project also `default`", parseDays)
    .option("--max-size <size>", "all together at most, such as 5GB, or `none`", parseMaxSize)
    .option("--project <id>", "--days is meant for this project alone")
    .option("--json", "print it as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe store retention\n  televibe store retention --days 90 --max-size 10GB\n  televibe store retention --project scratch --days 7",
    );
  addDataDir(command).action(async (options: RetentionOptions) => {
    const change = toChange(options);
    const client = await new BridgeAccess(context, options.dataDir).client();
    const path = "/v1/store/retention";
    const report =
      change === undefined
        ? await client.json<RetentionReport>("GET", path)
        : await client.json<RetentionReport>("POST", path, { body: change });
    if (options.json) context.terminal.print(JSON.stringify(report));
    else for (const line of describeRetention(report)) context.terminal.print(line);
    if (report.problem !== null) throw new CliError(report.problem);
  });
}

function toChange({ days, maxSize, project }: RetentionOptions): RetentionChange | undefined {
  if (project !== undefined && days === undefined) throw usageError("--project needs --days: for how long is it kept?");
  if (days === "default" && project === undefined) throw usageError("`--days default` is meant for a --project");
  if (days === undefined && maxSize === undefined) return undefined;
  const kept = days === "forever" ? null : days;
  return {
    ...(maxSize === undefined ? {} : { max_bytes: maxSize === "none" ? null : maxSize }),
    ...(kept === undefined || kept === "default" || project !== undefined ? {} : { days: kept }),
    ...(project === undefined || kept === undefined
      ? {}
      : { projects: { [project]: kept === "default" ? null : { days: kept } } }),
  };
}

/** For people. */
export function describeRetention({ settings, file, last_pass }: RetentionReport): readonly string[] {
  if (settings === null) return [`Nothing is removed until ${file} is mended.`];
  const { days, max_bytes, projects, pinned } = settings;
  return [
    `Events and logs are kept ${describeDays(days)}, and ${max_bytes === null ? "without bound" : `up to ${formatBytes(max_bytes)}`} in all`,
    ...Object.entries(projects).map(([name, project]) => `  ${name}: ${describeDays(project.days)}`),
    ...pinned.map(({ project_id, session_id }) => `  pinned: ${project_id} / ${session_id}`),
    ...(last_pass === null
      ? []
      : [
          `Last looked at ${last_pass.ended_at}: removed events: ${last_pass.events}, logs: ${last_pass.logs}, ${formatBytes(last_pass.bytes)}`,
        ]),
    `Settings: ${file}`,
  ];
}

function describeDays(days: number | null): string {
  if (days === null) return "for ever";
  return days === 1 ? "for 1 day" : `for ${days} days`;
}

function parseDays(text: string): number | "forever" | "default" {
  return text === "forever" || text === "default" ? text : parseCount(text);
}

function parseMaxSize(text: string): number | "none" {
  return text === "none" ? text : parseBytes(text);
}
