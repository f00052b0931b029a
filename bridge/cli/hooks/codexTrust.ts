/**
 * Owns whether Codex runs hooks that it found. It asks its user first, and keeps in config.toml a hash of each that was trusted:
 * of the event, the command and its limits, so that a hook which changes is asked about again.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type JsonDocument, toValue } from "./json/document.ts";
import { ownEntries } from "./ownEntries.ts";
import { readSettingsText } from "./settingsFile.ts";

export type CodexTrust = "trusted" | "in part" | "not yet";

/** What Codex takes where a hook sets no limit. */
const DEFAULT_TIMEOUT_SECONDS = 600;

export async function codexTrust(document: JsonDocument, home: string): Promise<CodexTrust> {
  // What cannot be read is not read by Codex either: it has nothing of which it knows that it is trusted.
  const config = await readSettingsText(join(home, "config.toml"));
  const hashes = ownEntries(document, "codex").map(({ event, hook }) => trustedHash(event, toValue(hook)));
  const trusted = hashes.filter((hash) => config.includes(hash)).length;
  if (trusted === 0) return "not yet";
  return trusted === hashes.length ? "trusted" : "in part";
}

/** As Codex 0.169 makes it of a hook that has no matcher: of all keys in their order. */
function trustedHash(event: string, hook: unknown): string {
  const { command, timeout = DEFAULT_TIMEOUT_SECONDS, statusMessage }: Record<string, unknown> = Object(hook);
  const identity = {
    event_name: snakeCase(event),
    hooks: [{ async: false, command, statusMessage, timeout, type: "command" }],
  };
  return `sha256:${createHash("sha256").update(JSON.stringify(identity)).digest("hex")}`;
}

function snakeCase(event: string): string {
  return event.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
