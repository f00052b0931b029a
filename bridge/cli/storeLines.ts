/** Owns reading the bridge's line-by-line answers about its store. */
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { BridgeUnreachableError, describeError } from "../../shared/client/bridgeUnreachableError.ts";
import { parseJson } from "../../shared/client/parseJson.ts";
import { readBody, sendRequest } from "../../shared/client/sendRequest.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { parseProblem } from "../../shared/protocol/problem.ts";
import type { CompactResult, StoreProgress, VerifyResult } from "../../shared/protocol/store.ts";

type WorkLine = StoreProgress | VerifyResult | CompactResult;

/** @throws ProblemError when the bridge refuses; BridgeUnreachableError when there is no answer. */
export async function openLines(entry: DiscoveryEntry, method: "GET" | "POST", path: string): Promise<IncomingMessage> {
  const response = await sendRequest(entry, { method, path });
  if (response.statusCode === 200) return response;
  const answer = parseJson((await readBody(response)).toString());
  throw (
    parseProblem(answer) ??
    new BridgeUnreachableError(`what answers there (status ${response.statusCode}) is no bridge`)
  );
}

/**
 * What a piece of work says, line by line, to its result, which is the last one.
 *
 * @throws BridgeUnreachableError when the answer breaks off before that.
 */
export async function* workLines(response: IncomingMessage): AsyncGenerator<WorkLine> {
  try {
    for await (const line of createInterface({ input: response })) {
      const value: WorkLine = JSON.parse(line);
      yield value;
      if (value.kind === "verified" || value.kind === "compacted") return;
    }
  } catch (error) {
    throw new BridgeUnreachableError(`its answer broke off (${describeError(error)})`, { cause: error });
  }
  throw new BridgeUnreachableError("its answer broke off before its end");
}

/** Progress for a person who watches; nobody else needs it. */
export function showProgress(what: string): void {
  if (process.stderr.isTTY === true) process.stderr.write(`\r\u001b[K${what}`);
}

/** Takes it away again. */
export function endProgress(): void {
  if (process.stderr.isTTY === true) process.stderr.write("\r\u001b[K");
}
