/** Owns `/tail`: one message in a chat that shows the end of a job's log and is edited as it grows. */

import { plainLine } from "../../../shared/text/terminalText.ts";
import type { LogStore } from "../../logs/logStore.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { MessageContent } from "../outbox/outboxItem.ts";

/** Edits share a chat's budget with everything else: a group has 20 a minute for all of it. */
export const EDIT_INTERVAL_MS = { private: 2000, group: 6000 } as const;

const SHOWN_LINES = 30;
const FINAL_LINES = 50;
/** Of one line this much is shown. */
const MAX_LINE = 200;
/** Telegram takes 4,096 characters; the heading has to fit as well. */
const MAX_TEXT = 3800;

export interface TailOptions {
  readonly chatId: number;
  readonly kind: "private" | "group";
  readonly jobId: string;
  /** What the heading calls it. */
  readonly title: string;
  readonly lines: number;
  readonly logs: Pick<LogStore, "follow">;
  readonly outbox: Outbox;
  readonly signal: AbortSignal;
  readonly editIntervalMs?: number;
}

/** Follows until the job ends or the signal is aborted. @throws what the outbox throws, such as the message being gone. */
export async function tail(options: TailOptions): Promise<void> {
  const { chatId, outbox, title, signal, kind } = options;
  const interval = options.editIntervalMs ?? EDIT_INTERVAL_MS[kind];
  const buffer: string[] = [];
  let isComplete = false;
  const first = await outbox.send(chatId, logMessage(`📜 Logs for ${title}`, ["Connecting…"]), {
    priority: "reply",
    silent: true,
  });

  let isShown = true;
  const edit = async (heading: string, lines: readonly string[], priority: "tail" | "reply") => {
    if (isShown) return;
    isShown = true;
    await outbox.edit({ chatId, messageId: first.messageId, priority }, logMessage(heading, lines));
  };
  let editing: Promise<void> = Promise.resolve();
  let failure: unknown;
  const stopped = new AbortController();
  const timer = setInterval(() => {
    editing = editing
      .then(() => edit(`📜 Logs for ${title}`, buffer.slice(-SHOWN_LINES), "tail"))
      .catch((error: unknown) => {
        failure = error;
        stopped.abort();
      });
  }, interval);
  timer.unref();
  try {
    const following = AbortSignal.any([signal, stopped.signal]);
    for await (const frame of options.logs.follow(options.jobId, { lines: options.lines }, following)) {
      if (frame.type === "log.lines")
        buffer.push(...frame.data.lines.map((line) => plainLine(line).slice(0, MAX_LINE)));
      if (frame.type === "log.reset") buffer.length = 0;
      if (frame.type === "log.end") isComplete = true;
      buffer.splice(0, buffer.length - FINAL_LINES);
      isShown = false;
    }
  } finally {
    clearInterval(timer);
    await editing;
  }
  if (failure !== undefined) throw failure;
  isShown = false;
  await edit(`📜 Logs for ${title} (${isComplete ? "complete" : "stopped"})`, buffer, "reply");
}

/** The newest lines that fit, as preformatted text. */
function logMessage(heading: string, lines: readonly string[]): MessageContent {
  const kept: string[] = [];
  let length = 0;
  for (const line of [...lines].reverse()) {
    if (length + line.length + 1 > MAX_TEXT) break;
    kept.unshift(line);
    length += line.length + 1;
  }
  const body = kept.join("\n").trimEnd() || "(nothing yet)";
  return {
    text: `${heading}\n\n${body}`,
    entities: [{ type: "pre", offset: heading.length + 2, length: body.length }],
  };
}
