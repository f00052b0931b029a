/**
 * Owns the state on disk: what the events came to up to some `seq`, so that a start reads on from there instead of from the
 * first event. It is no truth of its own: one that is missing, damaged, of another reducer or of another store is made
 * again from the events.
 */
import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { EMPTY_STATE, type State } from "../../shared/state/state.ts";
import { fromWire, toWire, type WireState } from "../../shared/state/wire.ts";
import type { ExportedState } from "../store/exportFormat.ts";

/** Raised whenever the reducer makes another state of the same events, or the state has other fields. A test notices. */
export const STATE_FORMAT = 3;

/** Written before the event loop gets its turn, roughly. */
const MAX_CHARACTERS_A_TURN = 128 * 1024;

const FILE_MODE = 0o600;

/** What the first line says. */
interface Header {
  readonly format: number;
  readonly epoch: string;
  readonly seq: number;
}

export interface SavedState {
  /** Of the store whose events led to it. */
  readonly epoch: string;
  readonly state: State;
}

export class StateFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What was saved last. A file that cannot be used is as good as none. */
  async read(): Promise<SavedState | undefined> {
    const bytes = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (bytes === undefined) return undefined;
    const end = bytes.lastIndexOf("\n", -2) + 1;
    if (bytes.toString("utf8", end) !== `${crc32(bytes.subarray(0, end))}\n`) return undefined;
    const [first = "", ...lines] = bytes.toString("utf8", 0, end).trimEnd().split("\n");
    // The checksum says that one of us wrote it; which one, the format does.
    const header: Header = JSON.parse(first);
    if (header.format !== STATE_FORMAT) return undefined;
    return { epoch: header.epoch, state: fromWire(header.seq, collect(lines)) };
  }

  /** Writes a state, a little at a time; readers see the old one or the new one, never a mixture. */
  async write(epoch: string, state: State): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    const file = await open(temporary, "w", FILE_MODE);
    try {
      await writeLines(file, { format: STATE_FORMAT, epoch, seq: state.seq }, toWire(state));
      await file.sync();
    } finally {
      await file.close();
    }
    // Its name may be lost with the power: then the old one is there, or none.
    await rename(temporary, this.#path);
  }
}

/** A line an entity, behind the name of the collection that it belongs to, and a checksum over all lines as the last. */
async function writeLines(file: FileHandle, header: Header, state: WireState): Promise<void> {
  let text = `${JSON.stringify(header)}\n`;
  let checksum = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(text);
    checksum = crc32(bytes, checksum);
    text = "";
    await file.writeFile(bytes);
  };
  for (const [collection, entities] of Object.entries(state)) {
    for (const entity of entities) {
      text += `${collection} ${JSON.stringify(entity)}\n`;
      if (text.length > MAX_CHARACTERS_A_TURN) await flush();
    }
  }
  await flush();
  await file.writeFile(`${checksum}\n`);
}

function collect(lines: readonly string[]): WireState {
  const texts = new Map<string, string[]>();
  for (const line of lines) {
    const space = line.indexOf(" ");
    const name = line.slice(0, space);
    const list = texts.get(name) ?? [];
    list.push(line.slice(space + 1));
    texts.set(name, list);
  }
  const entities = (name: keyof WireState) => (texts.get(name) ?? []).map((text) => JSON.parse(text));
  return {
    projects: entities("projects"),
    sessions: entities("sessions"),
    jobs: entities("jobs"),
    approvals: entities("approvals"),
    tasks: entities("tasks"),
    orchestrators: entities("orchestrators"),
    notices: entities("notices"),
  };
}

/** A state as an exported store takes it along. */
export function exportState(state: State): ExportedState {
  return { format: STATE_FORMAT, seq: state.seq, collections: { ...toWire(state) } };
}

/** What `exportState` made; undefined when it is of another form and has to be made again from the events. */
export function importState({ format, seq, collections }: ExportedState): State | undefined {
  if (format !== STATE_FORMAT) return undefined;
  // The checksum of the export says that one of us wrote it.
  const wire: WireState = JSON.parse(JSON.stringify({ ...toWire(EMPTY_STATE), ...collections }));
  return fromWire(seq, wire);
}
