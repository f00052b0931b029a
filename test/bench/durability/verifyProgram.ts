/**
 * The separate program that looks at a dead bridge's files: `node verifyProgram.cjs <store> <acknowledgements.ndjson>
 * <removable before>`. It prints one JSON object: the violations, what the kill left behind, what is on disk.
 */
import { readFileSync } from "node:fs";
import type { Acknowledgement } from "./acknowledgement.ts";
import { readDisk } from "./diskReader.ts";
import { verifyDisk } from "./diskVerifier.ts";
import type { TrueEvent, Violation } from "./streamHistory.ts";

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly traces: readonly string[];
  readonly firstSeq: number;
  /** From where in between retention has taken events: all of them, or some. */
  readonly thinned: readonly { readonly from: number; readonly to: number }[];
  readonly epoch: string;
  readonly events: readonly TrueEvent[];
}

const [directory = "", acknowledgementFile = "", removableBefore = ""] = process.argv.slice(2);
const acknowledged = readFileSync(acknowledgementFile, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): Acknowledgement => JSON.parse(line));
const content = readDisk(directory);
const verdict: Verdict = {
  violations: verifyDisk(content, acknowledged, removableBefore),
  traces: content.traces,
  firstSeq: content.firstSeq,
  thinned: content.thinned,
  epoch: content.epoch,
  events: content.events.map(({ seq, eventId }) => ({ seq, eventId })),
};
process.stdout.write(JSON.stringify(verdict));
