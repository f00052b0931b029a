/** Owns what an install leaves behind so that it can be undone exactly: the file as it was, and how it is known again. */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { paths } from "../../../shared/client/dataPaths.ts";
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { makeDirectory, replaceFile } from "../../store/durableFile.ts";
import { isMissing, removeEmptyFolders } from "./settingsFile.ts";

export interface Receipt {
  /** The settings file. */
  readonly path: string;
  /** Of the file after the install. */
  readonly installedHash: string;
  /** The file before it; undefined where there was none. */
  readonly before: Buffer | undefined;
  /** Folders that were made for it, the innermost first. */
  readonly madeFolders: readonly string[];
}

const FORMAT = 1;

export function receiptPath(dataDir: string, agent: HookAgent, settings: string): string {
  return join(paths(dataDir).hooks, `${agent}-${hashOf(Buffer.from(settings)).slice(0, 16)}.json`);
}

/** One that is missing, or that nobody can make sense of, is none: an uninstall goes by the entries alone then. */
export async function readReceipt(path: string, settings: string): Promise<Receipt | undefined> {
  try {
    const { format, ...found }: Record<string, unknown> = JSON.parse(await readFile(path, "utf8"));
    const { path: of, installed_sha256: installedHash, before, made_folders: madeFolders } = found;
    if (format !== FORMAT || of !== settings || typeof installedHash !== "string") return undefined;
    if (!Array.isArray(madeFolders) || (before !== null && typeof before !== "string")) return undefined;
    return {
      path: settings,
      installedHash,
      before: before === null ? undefined : Buffer.from(before, "base64"),
      madeFolders: madeFolders.map(String),
    };
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Only for its owner: settings may hold secrets. */
export async function writeReceipt(path: string, receipt: Receipt): Promise<void> {
  const folder = dirname(path);
  await makeDirectory(folder);
  const content = {
    format: FORMAT,
    path: receipt.path,
    installed_sha256: receipt.installedHash,
    before: receipt.before?.toString("base64") ?? null,
    made_folders: receipt.madeFolders,
  };
  await replaceFile(folder, path, `${JSON.stringify(content)}\n`);
}

export async function removeReceipt(path: string): Promise<void> {
  await rm(path, { force: true });
  await removeEmptyFolders([dirname(path)]);
}

export function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
