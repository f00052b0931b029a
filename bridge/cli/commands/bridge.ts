/** Owns `televibe bridge`. */
import { type Command, Option } from "commander";
import { dataDirectory } from "../../../shared/client/dataDirectory.ts";
import { usageError } from "../cliError.ts";
import type { CliContext } from "../context.ts";
import { addDataDir, type DataDirOption, parseCount } from "../sharedOptions.ts";

interface BridgeOptions extends DataDirOption {
  readonly host: string;
  readonly port: number;
  readonly redis?: string;
  readonly retentionDays: number;
  readonly background?: boolean;
  readonly partitionEvents?: number;
}

export function registerBridge(program: Command, context: CliContext): void {
  const command = program
    .command("bridge")
    .description("Run the bridge in the foreground, until SIGTERM or Ctrl-C")
    .option("--host <name>", "address to listen on beside the Unix socket", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 takes any that is free", parsePort, 0)
    .addOption(new Option("--redis <url>", "share events with other bridges through Redis").env("TELEVIBE_REDIS_URL"))
    .option("--retention-days <days>", "how long events and logs are kept", parseCount, 30)
    .addOption(new Option("--background", "stop when nobody has had a use for it for a while").hideHelp())
    .addOption(
      new Option("--partition-events <count>", "events a part of the store holds before it is sealed")
        .argParser(parseCount)
        .hideHelp(),
    )
    .addHelpText(
      "after",
      `
Environment:
  TELEVIBE_TELEGRAM_TOKEN      token of the Telegram bot; without it Telegram is off
  TELEVIBE_TELEGRAM_API_ROOT   address of a Bot API server of your own
  TELEVIBE_TOKEN               the bridge's token, instead of the data directory's own

Examples:
  televibe bridge
  televibe bridge --redis redis://localhost:6379 --retention-days 7`,
    );
  addDataDir(command).action(async (options: BridgeOptions) => {
    const ending = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => ending.abort());
    const { TELEVIBE_TELEGRAM_TOKEN, TELEVIBE_TELEGRAM_API_ROOT, TELEVIBE_TOKEN } = process.env;
    const apiRoot = TELEVIBE_TELEGRAM_API_ROOT ? { apiRoot: TELEVIBE_TELEGRAM_API_ROOT } : {};
    // Loaded here: the bridge is most of the bundle, and every other command starts faster without it.
    const { runBridge } = await import("../../runBridge.ts");
    process.exitCode = await runBridge({
      dataDir: dataDirectory(process.env, options.dataDir),
      host: options.host,
      port: options.port,
      retentionDays: options.retentionDays,
      isBackground: options.background === true,
      assets: context.assets,
      version: context.version,
      print: context.terminal.print,
      signal: ending.signal,
      ...(options.partitionEvents === undefined ? {} : { partitionEvents: options.partitionEvents }),
      ...(options.redis ? { redisUrl: options.redis } : {}),
      ...(TELEVIBE_TELEGRAM_TOKEN ? { telegram: { token: TELEVIBE_TELEGRAM_TOKEN, ...apiRoot } } : {}),
      ...(TELEVIBE_TOKEN ? { token: TELEVIBE_TOKEN } : {}),
    });
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw usageError(`"${text}" is no port; write a number from 0 to 65535`);
  return port;
}
