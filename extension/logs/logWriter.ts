/** Owns what a job's log looks like in a channel: plain lines in order, then one that says how it ended. */
import type { LogFrame } from "../../shared/protocol/log.ts";
import { plainLine } from "../../shared/text/terminalText.ts";
import { TextBatch, type TextSink } from "./textBatch.ts";

/** An output channel, as far as a log needs one. */
export interface LogSink extends TextSink {
  clear(): void;
}

/**
 * Writes a job's frames until there are no more.
 *
 * @param endLine asked once the log has ended, for how the job did.
 */
export async function writeLog(
  frames: AsyncIterable<LogFrame>,
  sink: LogSink,
  endLine: (jobState: string) => Promise<string>,
): Promise<void> {
  const batch = new TextBatch(sink);
  try {
    for await (const frame of frames) {
      switch (frame.type) {
        case "log.lines":
          for (const line of frame.data.lines) batch.addLine(plainLine(line));
          break;
        case "log.gap":
          batch.addLine(`… ${frame.data.to - frame.data.from} bytes of the log are kept no longer …`);
          break;
        case "log.reset":
          batch.discard();
          sink.clear();
          break;
        case "log.end":
          batch.addLine(await endLine(frame.data.job_state));
      }
    }
  } finally {
    batch.flush();
  }
}
