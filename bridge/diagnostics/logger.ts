/** Owns the bridge's own diagnostics: one line an entry, on a stream that ends up in the terminal or in `bridge.log`. */

export type LogLevel = "debug" | "info" | "warn" | "error";

type Facts = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * A logger that writes `time LEVEL message {facts}`. Secrets (the bridge's token, Telegram's) are replaced wherever they
 * turn up, an error's own text included.
 */
export function createLogger(options: {
  readonly write: (line: string) => void;
  readonly nowMs: () => number;
  readonly level?: LogLevel;
  readonly secrets?: readonly string[];
}): Logger {
  const lowest = LEVELS.indexOf(options.level ?? "info");
  const secrets = (options.secrets ?? []).filter((secret) => secret !== "");

  const log = (level: LogLevel, message: string, facts?: Facts) => {
    if (LEVELS.indexOf(level) < lowest) return;
    const time = new Date(options.nowMs()).toISOString();
    const rest = facts === undefined ? "" : ` ${JSON.stringify(facts, describeErrors)}`;
    let line = `${time} ${level.toUpperCase().padEnd(5)} ${message}${rest}`;
    for (const secret of secrets) line = line.replaceAll(secret, "[secret]");
    options.write(`${line}\n`);
  };
  return {
    debug: (message, facts) => log("debug", message, facts),
    info: (message, facts) => log("info", message, facts),
    warn: (message, facts) => log("warn", message, facts),
    error: (message, facts) => log("error", message, facts),
  };
}

/** Errors have no enumerable properties: without this they would all print as `{}`. */
function describeErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const code = "code" in value ? { code: value.code } : {};
  return { name: value.name, message: value.message, ...code, stack: value.stack };
}
