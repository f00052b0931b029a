/**
 * Owns reading what `strace` recorded of a program: which of its system calls changed files of a folder, and what it said
 * on its standard output in between.
 */
import { dirname, join } from "node:path";

/** A folder's files, by their path in it. */
export type DiskState = ReadonlyMap<string, Buffer>;

/** What to start a program with, so that `readTrace` understands the record. Strings whole, and in hexadecimal. */
export function straceArguments(output: string): string[] {
  const calls =
    "openat,close,write,pwrite64,pwritev,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat," +
    "rmdir,mkdir,link,copy_file_range,sendfile";
  return ["-f", "-qq", "-xx", "-s", "100000000", "-e", `trace=${calls}`, "-e", "signal=none", "-o", output];
}

/** A file is a number: its names come and go. Those that were there before have the negative ones of `initialFiles`. */
export type DiskOperation =
  | { readonly kind: "create"; readonly path: string; readonly file: number }
  | { readonly kind: "write"; readonly file: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: number; readonly size: number }
  /** Covers what was done before the operation with the number `begun`. */
  | { readonly kind: "sync"; readonly file: number; readonly begun: number }
  | { readonly kind: "syncDirectory"; readonly path: string; readonly begun: number }
  | { readonly kind: "rename"; readonly from: string; readonly to: string; readonly file: number }
  | { readonly kind: "unlink"; readonly path: string }
  | { readonly kind: "makeDirectory"; readonly path: string }
  /** A line on its standard output. */
  | { readonly kind: "say"; readonly line: string };

interface OpenFile {
  readonly path: string;
  /** Undefined for a folder. */
  readonly file: number | undefined;
  readonly isAppending: boolean;
  position: number;
}

const FINISHED = /^(\d+) +(\w+)\((.*)\) += (-?\d+)/s;
const UNFINISHED = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/s;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)/s;
const STANDARD_OUTPUT = 1;

/** The numbers of the files that were there before, by path. */
export function initialFiles(before: DiskState): ReadonlyMap<string, number> {
  return new Map([...before.keys()].map((path, index) => [path, -1 - index]));
}

/** Reads a record; `root` is the folder whose changes count, and `before` what was in it. */
export function readTrace(record: string, root: string, before: DiskState): readonly DiskOperation[] {
  const reader = new TraceReader(root, before);
  const begun = new Map<string, { args: string; at: number }>();
  for (const line of record.split("\n")) {
    const unfinished = UNFINISHED.exec(line);
    if (unfinished !== null) {
      const [, thread = "", , args = ""] = unfinished;
      begun.set(thread, { args, at: reader.operations.length });
      continue;
    }
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      const [, thread = "", call = "", rest = "", result = ""] = resumed;
      const start = begun.get(thread);
      reader.take(call, `${start?.args ?? ""}${rest}`, Number(result), start?.at ?? reader.operations.length);
      continue;
    }
    const [, , call = "", args = "", result = ""] = FINISHED.exec(line) ?? [];
    if (call !== "") reader.take(call, args, Number(result), reader.operations.length);
  }
  return reader.operations;
}

class TraceReader {
  readonly operations: DiskOperation[] = [];
  readonly #root: string;
  readonly #open = new Map<number, OpenFile>();
  readonly #files = new Map<string, number>();
  readonly #contents = new Map<number, Buffer>();
  #said = "";
  #newFile = 0;

  constructor(root: string, before: DiskState) {
    this.#root = root;
    for (const [path, file] of initialFiles(before)) {
      this.#files.set(join(root, path), file);
      this.#contents.set(file, before.get(path) ?? Buffer.alloc(0));
    }
  }

  /** `begun`: how many operations were complete when the call was made. */
  take(call: string, args: string, result: number, begun: number): void {
    // What failed has changed nothing that can be relied on.
    if (result < 0) return;
    const { strings, numbers } = readArguments(args);
    const [first = 0, second = 0] = numbers;
    switch (call) {
      case "openat":
        this.#openFile(strings[0] ?? Buffer.alloc(0), args, result);
        break;
      case "close":
        this.#open.delete(first);
        break;
      case "write":
      case "writev":
        if (first === STANDARD_OUTPUT) this.#say(Buffer.concat(strings).subarray(0, result).toString());
        else this.#write(first, undefined, Buffer.concat(strings).subarray(0, result));
        return;
      case "pwrite64":
      case "pwritev":
        this.#write(first, numbers.at(-1), Buffer.concat(strings).subarray(0, result));
        break;
      case "ftruncate":
        this.#truncate(this.#open.get(first)?.file, second);
        break;
      case "fsync":
      case "fdatasync":
        this.#sync(first, begun);
        break;
      case "rename":
      case "renameat":
      case "renameat2":
        this.#rename(String(strings[0]), String(strings[1]));
        break;
      case "unlink":
      case "unlinkat":
        this.#unlink(String(strings[0]));
        break;
      case "mkdir":
        this.#add(String(strings[0]), (path) => ({ kind: "makeDirectory", path }));
        break;
      case "copy_file_range":
        this.#copy(first, second, result);
        break;
      case "sendfile":
        this.#copy(second, first, result);
        break;
      case "rmdir":
      case "link":
        throw new Error(`The trace has a ${call}, which this reader does not know: ${args.slice(0, 200)}`);
    }
  }

  #openFile(name: Buffer, args: string, descriptor: number): void {
    const path = name.toString();
    if (!this.#isInside(path)) return;
    if (args.includes("O_DIRECTORY")) {
      this.#open.set(descriptor, { path, file: undefined, isAppending: false, position: 0 });
      return;
    }
    let file = this.#files.get(path);
    if (file === undefined && args.includes("O_CREAT")) {
      file = ++this.#newFile;
      this.#files.set(path, file);
      this.operations.push({ kind: "create", path, file });
    }
    // A folder that is opened to be synced is opened like a file that is there.
    this.#open.set(descriptor, { path, file, isAppending: args.includes("O_APPEND"), position: 0 });
    if (args.includes("O_TRUNC")) this.#truncate(file, 0);
  }

  #write(descriptor: number, offset: number | undefined, bytes: Buffer): void {
    const open = this.#open.get(descriptor);
    if (open?.file === undefined) return;
    const content = this.#contents.get(open.file) ?? Buffer.alloc(0);
    const start = offset ?? (open.isAppending ? content.length : open.position);
    if (offset === undefined) open.position = start + bytes.length;
    this.#contents.set(open.file, overwrite(content, start, bytes));
    this.operations.push({ kind: "write", file: open.file, offset: start, bytes });
  }

  /** A copy inside the kernel, from one file's own position to the other's. */
  #copy(from: number, to: number, length: number): void {
    const source = this.#open.get(from);
    if (source?.file === undefined || length === 0) return;
    const bytes = this.#contents.get(source.file)?.subarray(source.position, source.position + length);
    source.position += length;
    this.#write(to, undefined, bytes ?? Buffer.alloc(0));
  }

  #truncate(file: number | undefined, size: number): void {
    if (file === undefined) return;
    const content = this.#contents.get(file) ?? Buffer.alloc(0);
    if (content.length === size) return;
    this.#contents.set(file, resize(content, size));
    this.operations.push({ kind: "truncate", file, size });
  }

  #sync(descriptor: number, begun: number): void {
    const open = this.#open.get(descriptor);
    if (open === undefined) return;
    const { path, file } = open;
    this.operations.push(file === undefined ? { kind: "syncDirectory", path, begun } : { kind: "sync", file, begun });
  }

  #rename(from: string, to: string): void {
    if (!this.#isInside(from)) return;
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file === undefined) throw new Error(`${from} is renamed, and was never made`);
    this.#files.set(to, file);
    if (dirname(from) !== dirname(to))
      throw new Error(`${from} moves to another folder, which this reader does not know`);
    this.operations.push({ kind: "rename", from, to, file });
  }

  #unlink(path: string): void {
    this.#files.delete(path);
    this.#add(path, () => ({ kind: "unlink", path }));
  }

  #add(path: string, make: (path: string) => DiskOperation): void {
    if (this.#isInside(path)) this.operations.push(make(path));
  }

  #say(text: string): void {
    const lines = (this.#said + text).split("\n");
    this.#said = lines.pop() ?? "";
    for (const line of lines) this.operations.push({ kind: "say", line });
  }

  #isInside(path: string): boolean {
    // The folder that holds it as well: that one's sync is what makes its name sure.
    return path === dirname(this.#root) || path === this.#root || path.startsWith(`${this.#root}/`);
  }
}

/** A block that was never written reads as zeros. */
export function overwrite(content: Buffer, offset: number, bytes: Buffer): Buffer {
  const result = resize(content, Math.max(content.length, offset + bytes.length));
  bytes.copy(result, offset);
  return result;
}

export function resize(content: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  content.copy(result);
  return result;
}

/** The strings, decoded, and the plain numbers among a call's arguments. */
function readArguments(args: string): { strings: Buffer[]; numbers: number[] } {
  const strings: Buffer[] = [];
  const rest = args.replace(/"((?:\\x[0-9a-f]{2})*)"/g, (_, hexadecimal: string) => {
    strings.push(Buffer.from(hexadecimal.replaceAll("\\x", ""), "hex"));
    return '""';
  });
  const numbers = rest
    .split(/[,[\]{}]/)
    .map((part) => part.trim())
    .filter((part) => /^-?\d+$/.test(part))
    .map(Number);
  return { strings, numbers };
}
