import { describe, expect, it, vi } from "vitest";
import { type LogSink, writeLog } from "../../../extension/logs/logWriter.ts";
import { MAX_BATCH_LENGTH, MAX_DELAY_MS, TextBatch } from "../../../extension/logs/textBatch.ts";
import type { LogFrame } from "../../../shared/protocol/log.ts";

/** Keeps what an output channel would show, and how many pieces it came in. */
class Channel implements LogSink {
  text = "";
  appends = 0;

  append(text: string): void {
    this.appends += 1;
    this.text += text;
  }

  clear(): void {
    this.text = "";
  }
}

const lines = (...some: readonly string[]): LogFrame => ({
  type: "log.lines",
  data: { offset: 0, next_offset: 0, lines: some },
});
const end: LogFrame = { type: "log.end", data: { offset: 0, job_state: "completed" } };

async function* framesOf(...frames: readonly LogFrame[]): AsyncGenerator<LogFrame> {
  yield* frames;
}

describe("a job's log in a channel", () => {
  it("is complete and in order for 100,000 lines, in few pieces", async () => {
    const all = Array.from({ length: 100_000 }, (_, index) => `line ${index}`);
    const frames = Array.from({ length: 1000 }, (_, index) => lines(...all.slice(index * 100, index * 100 + 100)));
    const channel = new Channel();
    await writeLog(framesOf(...frames, end), channel, async (state) => `— ${state} —`);
    expect(channel.text).toBe(`${all.join("\n")}\n— completed —\n`);
    expect(channel.appends).toBeLessThan(40);
  });

  it("has no terminal sequences, and of a progress bar its last state", async () => {
    const channel = new Channel();
    await writeLog(framesOf(lines("\u001b[32mok\u001b[0m", "10%\r100%")), channel, async () => "");
    expect(channel.text).toBe("ok\n100%\n");
  });

  it("begins anew when the log is another one", async () => {
    const channel = new Channel();
    const reset: LogFrame = { type: "log.reset", data: { offset: 0 } };
    await writeLog(framesOf(lines("old"), reset, lines("new"), end), channel, async () => "— end —");
    expect(channel.text).toBe("new\n— end —\n");
  });

  it("shows what came before it broke off", async () => {
    const channel = new Channel();
    const broken = async function* (): AsyncGenerator<LogFrame> {
      yield lines("half");
      throw new Error("gone");
    };
    await expect(writeLog(broken(), channel, async () => "")).rejects.toThrow("gone");
    expect(channel.text).toBe("half\n");
  });
});

describe("a batch of lines", () => {
  it("waits a moment for more lines, and then goes", () => {
    vi.useFakeTimers();
    const channel = new Channel();
    const batch = new TextBatch(channel);
    batch.addLine("a");
    vi.advanceTimersByTime(MAX_DELAY_MS - 1);
    batch.addLine("b");
    expect(channel.appends).toBe(0);
    vi.advanceTimersByTime(1);
    expect([channel.text, channel.appends]).toEqual(["a\nb\n", 1]);
    vi.useRealTimers();
  });

  it("goes at once when it is large", () => {
    const channel = new Channel();
    const batch = new TextBatch(channel);
    batch.addLine("x".repeat(MAX_BATCH_LENGTH));
    expect(channel.appends).toBe(1);
  });

  it("is gone once it is discarded", () => {
    const channel = new Channel();
    const batch = new TextBatch(channel);
    batch.addLine("a");
    batch.discard();
    batch.flush();
    expect(channel.appends).toBe(0);
  });
});
