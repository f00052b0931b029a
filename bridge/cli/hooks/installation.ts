/** Owns an agent's settings file as a place for our hooks: what an install and an uninstall make of it, and doing so. */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { addEntries } from "./addEntries.ts";
import type { HookProgram } from "./hookCommand.ts";
import { parseDocument } from "./json/document.ts";
import { hashOf, type Receipt, readReceipt, receiptPath, removeReceipt, writeReceipt } from "./receipt.ts";
import { removeEntries } from "./removeEntries.ts";
import { SettingsError } from "./settingsError.ts";
import {
  decode,
  isEqual,
  makeFolders,
  readSettingsFile,
  removeEmptyFolders,
  replaceSettingsFile,
  type SettingsFile,
} from "./settingsFile.ts";

/** What is to become of a settings file; undefined stands for no file. */
export interface Change {
  readonly path: string;
  /** The file that changes: the end of all links. */
  readonly target: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Makes the change. */
  apply(): Promise<void>;
}

export interface Place {
  readonly agent: HookAgent;
  /** The settings file, as the agent names it. */
  readonly path: string;
  readonly dataDir: string;
}

/** @throws SettingsError where the file must be left alone. */
export async function planInstall(place: Place, program: HookProgram): Promise<Change> {
  return naming(place, async () => {
    const { file, receiptFile, receipt } = await look(place);
    const { bytes } = file;
    const after = Buffer.from(addEntries(bytes === undefined ? "" : decode(bytes), place.agent, program));
    return {
      ...change(place, file, after),
      apply: () =>
        naming(place, async () => {
          if (isEqual(bytes, after)) return;
          const madeFolders = [...(await makeFolders(file.target)), ...(receipt?.madeFolders ?? [])];
          const before = withoutEntries(bytes, place.agent, receipt);
          // First: a receipt without its install does no harm.
          await writeReceipt(receiptFile, { path: file.target, installedHash: hashOf(after), before, madeFolders });
          await replaceSettingsFile(file, after);
        }),
    };
  });
}

/** @throws SettingsError where the file must be left alone. */
export async function planUninstall(place: Place): Promise<Change> {
  return naming(place, async () => {
    const { file, receiptFile, receipt } = await look(place);
    const after = withoutEntries(file.bytes, place.agent, receipt);
    return {
      ...change(place, file, after),
      apply: () =>
        naming(place, async () => {
          if (!isEqual(file.bytes, after)) await replaceSettingsFile(file, after);
          if (after === undefined) await removeEmptyFolders(receipt?.madeFolders ?? []);
          await removeReceipt(receiptFile);
        }),
    };
  });
}

interface Look {
  readonly file: SettingsFile;
  readonly receiptFile: string;
  readonly receipt: Receipt | undefined;
}

async function look({ agent, path, dataDir }: Place): Promise<Look> {
  const file = await readSettingsFile(path);
  const receiptFile = receiptPath(dataDir, agent, file.target);
  return { file, receiptFile, receipt: await readReceipt(receiptFile, file.target) };
}

/** The file as it was before any install; where it was changed since, without our entries. */
function withoutEntries(bytes: Buffer | undefined, agent: HookAgent, receipt: Receipt | undefined): Buffer | undefined {
  if (bytes === undefined) return undefined;
  if (receipt?.installedHash === hashOf(bytes)) return receipt.before;
  const before = receipt?.before === undefined ? undefined : parseDocument(decode(receipt.before));
  const rest = removeEntries(decode(bytes), agent, { before });
  // A file that we made, or that had nothing in it, has nothing in it again.
  const wasEmpty = receipt !== undefined && before?.root === undefined;
  return wasEmpty && isEmptyObject(rest) ? receipt.before : Buffer.from(rest);
}

function isEmptyObject(text: string): boolean {
  return text.replace(/[\s\ufeff]/g, "") === "{}";
}

function change({ path }: Place, { target, bytes }: SettingsFile, after: Buffer | undefined): Omit<Change, "apply"> {
  const text = (bytes: Buffer | undefined) => (bytes === undefined ? undefined : decode(bytes));
  return { path, target, before: text(bytes), after: text(after) };
}

/** Says which file it is about. */
async function naming<T>({ path }: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new SettingsError(`${path} was not changed: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
