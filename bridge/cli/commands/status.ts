/** Owns `televibe status`. */
import type { Command } from "commander";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import type { DiscoveryEntry } from "../../../shared/protocol/discovery.ts";
import type { Health } from "../../../shared/protocol/health.ts";
import { formatDuration } from "../../../shared/text/duration.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface StatusOptions extends DataDirOption {
  readonly json?: boolean;
}

const EXIT_NOT_RUNNING = 3;

export function registerStatus(program: Command, context: CliContext): void {
  const command = program
    .command("status")
    .description("Show whether the bridge runs, where and since when; exit code 3 when it does not")
    .option("--json", "print its health as JSON")
    .addHelpText("after", "\nExample:\n  televibe status --json");
  addDataDir(command).action(async (options: StatusOptions) => {
    const { terminal } = context;
    const access = new BridgeAccess(context, options.dataDir);
    const entry = await access.find();
    if (entry === undefined) {
      if (options.json) terminal.print("null");
      else terminal.print(`No bridge runs for ${access.dataDir}. \`televibe bridge\` starts one.`);
      process.exitCode = EXIT_NOT_RUNNING;
      return;
    }
    const health = await new BridgeClient(entry).health();
    if (options.json)
      terminal.print(JSON.stringify({ url: entry.url, socket: entry.socket, data_dir: entry.data_dir, ...health }));
    else for (const line of describe(entry, health, Date.now())) terminal.print(line);
  });
}

function describe(entry: DiscoveryEntry, health: Health, nowMs: number): readonly string[] {
  const seconds = (nowMs - Date.parse(health.started_at)) / 1000;
  const { store, bus, telegram } = health;
  return [
    `The bridge is ${health.status}: version ${health.version}, process ${health.pid}, up for ${formatDuration(seconds)}`,
    `  Address    ${entry.url}${entry.socket === null ? "" : `, ${entry.socket}`}`,
    `  Data       ${entry.data_dir}`,
    `  Events     ${store.last_seq < store.first_seq ? "none" : `${store.first_seq} to ${store.last_seq}`}, ${(store.bytes / 1e6).toFixed(1)} MB, ${store.state}`,
    `  Bus        ${bus.kind}, ${bus.state}${bus.waiting === 0 ? "" : `, ${bus.waiting} waiting`}`,
    `  Telegram   ${telegram.state}${telegram.state === "off" ? "" : `, paired chats: ${telegram.paired_chats}`}`,
    `  Now        running jobs: ${health.running_jobs}, pending approvals: ${health.pending_approvals}, streams: ${health.streams}`,
    ...health.warnings.map((warning) => `  Warning    ${warning}`),
  ];
}
