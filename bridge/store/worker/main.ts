/** The store's worker thread: SQLite lives here, so that no query and no sealing ever holds up an event. */
import { readFileSync } from "node:fs";
import { platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import initSqlJs, { type SqlJsStatic } from "sql.js";
import { Checking } from "./checking.ts";
import type { Operation, ReplyMessage, RequestMessage, ResponseOf, WorkerOptions } from "./messages.ts";
import { OpenPartitions } from "./openPartitions.ts";
import { PartitionFiles } from "./partitionFiles.ts";
import { Rewriting } from "./rewriting.ts";

if (parentPort === null)
  throw new Error("The store's worker was started as a program; the bridge starts it as a thread");
const port = parentPort;
const options: WorkerOptions = workerData;

/** Niceness: events on their way to the disk go before the work of making them searchable. */
const NICENESS = 5;
// Elsewhere than on Linux a priority is the whole process's.
if (platform() === "linux") setPriority(NICENESS);

const { buffer: wasmBinary } = new Uint8Array(readFileSync(options.wasmFile));
initSqlJs({ wasmBinary }).then(serve, (error: unknown) => {
  // Thrown outside the promise it ends the thread, and the main thread is told why.
  process.nextTick(() => {
    throw error;
  });
});

function serve(sql: SqlJsStatic): void {
  const reply = (message: ReplyMessage) => port.postMessage(message);
  const files = new PartitionFiles(sql, options.directory, (damaged) => reply({ damaged }));
  const partitions = new OpenPartitions(sql, files, options.maxOpenPartitions);
  const parts: Parts = {
    files,
    partitions,
    rewriting: new Rewriting(sql, files, partitions),
    checking: new Checking(files, partitions),
  };

  // One message at a time, in order: what was appended before a query is seen by it.
  port.on("message", (message: RequestMessage) => {
    try {
      reply({ id: message.id, response: handle(message, parts) });
    } catch (error) {
      reply({ id: message.id, error: describe(error) });
    }
  });
}

interface Parts {
  readonly files: PartitionFiles;
  readonly partitions: OpenPartitions;
  readonly rewriting: Rewriting;
  readonly checking: Checking;
}

function handle(message: RequestMessage, { files, partitions, rewriting, checking }: Parts): ResponseOf<Operation> {
  switch (message.kind) {
    case "open":
      return { partitions: files.list(message.request) };
    case "verify":
      return files.isIntact(message.request.partition);
    case "setAside":
      partitions.close(message.request.partition);
      files.setAside(message.request.partition);
      return null;
    case "append":
      return partitions.append(message.request);
    case "seal":
      return partitions.seal(message.request);
    case "query":
      return partitions.query(message.request);
    case "find":
      return partitions.find(message.request);
    case "remove":
      partitions.close(message.request.partition);
      files.remove(message.request.partition);
      return null;
    case "checkFile":
      return checking.file(message.request);
    case "checkRows":
      return checking.rows(message.request);
    case "weigh":
      return rewriting.weigh(message.request);
    case "copy":
      return rewriting.copy(message.request);
    case "finishDraft":
      return rewriting.finish(message.request);
    case "dropDraft":
      return rewriting.drop(message.request);
  }
}

function describe(error: unknown): { message: string; code?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  return "code" in error ? { message: error.message, code: String(error.code) } : { message: error.message };
}
