/** Owns what the bot's commands do, for those who are paired; everybody else is told how to be, and then nothing more. */
import type { Job, State } from "../../../shared/state/state.ts";
import { jobName } from "../../../shared/text/jobText.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { LogStore } from "../../logs/logStore.ts";
import type { TelegramMessage } from "../api/incomingUpdate.ts";
import { nameOf } from "../approvals/approvalCards.ts";
import { placeOf } from "../messages/eventMessage.ts";
import { mayReach } from "../notify/audience.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { OutboxError } from "../outbox/outboxError.ts";
import { LEVELS, type Level, type PairedChat } from "../registry/chat.ts";
import type { Pairing } from "../registry/pairing.ts";
import type { Registry } from "../registry/registry.ts";
import { tail } from "../tail/tail.ts";
import { BOT_COMMANDS, type ParsedCommand, parseDuration } from "./botCommands.ts";
import { approvalsText, jobsText, statusText } from "./overview.ts";

/** Telegram's stand-in for a group admin who hides: nobody in particular, so nobody who is paired. */
const ANONYMOUS_ADMIN = 1_087_968_824;

/** A stranger is answered this often, then no more: the bot is no way to make noise. */
const MAX_STRANGER_REPLIES = 2;
const MAX_STRANGERS = 1000;

const DEFAULT_TAIL_LINES = 20;
const MAX_TAIL_LINES = 50;

export interface CommandHandlerOptions {
  readonly outbox: Outbox;
  readonly registry: Registry;
  readonly pairing: Pairing;
  readonly logs: Pick<LogStore, "follow">;
  readonly state: () => State;
  readonly warnings: () => readonly string[];
  /** A chat was paired: what waits is asked there as well. */
  readonly onPaired: () => void;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export class CommandHandler {
  readonly #options: CommandHandlerOptions;
  readonly #strangers = new Map<number, number>();
  /** The `/tail` of each chat. */
  readonly #tails = new Map<number, AbortController>();

  constructor(options: CommandHandlerOptions) {
    this.#options = options;
  }

  async handle(command: ParsedCommand, message: TelegramMessage, signal: AbortSignal): Promise<void> {
    const { registry } = this.#options;
    const { from, chat } = message;
    if (from === undefined || from.id === ANONYMOUS_ADMIN) return;
    if (
      (command.name === "start" || command.name === "pair") &&
      chat.type === "private" &&
      command.args[0] !== undefined
    ) {
      await this.#pair(command.args[0], message, nameOf(from));
    } else if (!registry.isPairedUser(from.id)) {
      await this.#answerStranger(message);
    } else if (command.name === "link") {
      await this.#link(message);
    } else {
      const paired = registry.chat(chat.id);
      if (paired !== undefined) await this.#run(command, paired, message, signal);
      else await this.#reply(message, "This chat is not linked. Send /link to have it told as well.");
    }
  }

  stop(): void {
    for (const following of this.#tails.values()) following.abort();
  }

  async #run(command: ParsedCommand, chat: PairedChat, message: TelegramMessage, signal: AbortSignal): Promise<void> {
    const { state, warnings, nowMs, registry } = this.#options;
    const [argument] = command.args;
    switch (command.name) {
      case "status":
        return this.#reply(message, statusText(state(), chat.chat_id, warnings()));
      case "jobs":
        return this.#reply(message, jobsText(state(), chat.chat_id));
      case "approvals":
        return this.#reply(message, approvalsText(state(), chat.chat_id));
      case "tail":
        return this.#tail(command.args, chat, message, signal);
      case "stop":
        this.#tails.get(chat.chat_id)?.abort();
        return this.#reply(
          message,
          this.#tails.has(chat.chat_id) ? "Stopped following." : "Nothing is being followed.",
        );
      case "level":
        return this.#setLevel(argument, chat, message);
      case "mute": {
        const durationMs = parseDuration(argument ?? "1h");
        if (durationMs === undefined)
          return this.#reply(message, "Write how long, such as /mute 30m, /mute 2h or /mute 1d.");
        const until = new Date(nowMs() + durationMs).toISOString();
        await registry.putChat({ ...chat, muted_until: until });
        return this.#reply(message, `Muted until ${until}. Approvals still come.`);
      }
      case "unmute":
        await registry.putChat({ ...chat, muted_until: null });
        return this.#reply(message, "You hear of everything again.");
      case "unpair":
        await this.#reply(message, "This chat is told nothing any more.");
        await registry.removeChat(chat.chat_id);
        return;
      case "whoami":
        return this.#reply(
          message,
          `You are user ${message.from?.id} in chat ${chat.chat_id}, paired since ${chat.paired_at}.`,
        );
      default:
        return this.#reply(message, BOT_COMMANDS.map((each) => `/${each.command} — ${each.description}`).join("\n"));
    }
  }

  async #pair(code: string, message: TelegramMessage, name: string): Promise<void> {
    const { registry, pairing, nowMs, onPaired } = this.#options;
    const userId = message.from?.id;
    if (userId === undefined) return;
    if (!pairing.redeem(code)) {
      await this.#answerStranger(
        message,
        "This code is wrong, was used, or is older than 10 minutes. Get a new one with `televibe telegram pair`.",
      );
      return;
    }
    const paired_at = new Date(nowMs()).toISOString();
    await registry.pairUser({ user_id: userId, name, paired_at });
    const known = registry.chat(message.chat.id);
    await registry.putChat({
      level: known?.level ?? "all",
      muted_until: null,
      chat_id: message.chat.id,
      title: name,
      kind: "private",
      paired_at,
      paired_by: userId,
    });
    await this.#reply(
      message,
      "You are paired with this bridge. It tells you of your jobs here, and asks for approvals. /help says what you can do.",
    );
    onPaired();
  }

  async #link(message: TelegramMessage): Promise<void> {
    const { registry, nowMs, onPaired } = this.#options;
    const { chat, from } = message;
    if (chat.type === "private" || chat.type === "channel" || from === undefined) {
      return this.#reply(message, "Send /link in the group that is to be told as well.");
    }
    await registry.putChat({
      chat_id: chat.id,
      title: chat.title ?? String(chat.id),
      kind: "group",
      level: registry.chat(chat.id)?.level ?? "approvals",
      muted_until: null,
      paired_at: new Date(nowMs()).toISOString(),
      paired_by: from.id,
    });
    await this.#reply(
      message,
      "This group is told of approvals. Only paired people's answers count. /level all tells more.",
    );
    onPaired();
  }

  async #setLevel(argument: string | undefined, chat: PairedChat, message: TelegramMessage): Promise<void> {
    const level = LEVELS.find((each) => each === argument?.toLowerCase());
    if (level === undefined) {
      return this.#reply(message, `The level is ${chat.level}. Write /level ${LEVELS.join(", /level ")}.`);
    }
    await this.#options.registry.putChat({ ...chat, level });
    await this.#reply(message, LEVEL_SET[level]);
    if (level !== "off") this.#options.onPaired();
  }

  async #tail(args: readonly string[], chat: PairedChat, message: TelegramMessage, signal: AbortSignal): Promise<void> {
    const { outbox, logs, state, log } = this.#options;
    const count = Number(args.at(-1));
    const hasCount = args.length > 0 && Number.isSafeInteger(count) && count > 0;
    const target = hasCount ? args.slice(0, -1)[0] : args[0];
    const job = findJob(state(), chat.chat_id, target);
    if (job === undefined) {
      return this.#reply(
        message,
        target === undefined ? "There is no job yet." : `There is no session and no job "${target}".`,
      );
    }
    this.#tails.get(chat.chat_id)?.abort();
    const following = new AbortController();
    this.#tails.set(chat.chat_id, following);
    try {
      await tail({
        chatId: chat.chat_id,
        kind: chat.kind,
        jobId: job.job_id,
        title: `${placeOf(job)}: ${jobName(job, 60)}`,
        lines: Math.min(hasCount ? count : DEFAULT_TAIL_LINES, MAX_TAIL_LINES),
        logs,
        outbox,
        signal: AbortSignal.any([signal, following.signal]),
      });
    } catch (error) {
      // The message was deleted, or the chat has to be quiet: nobody sees it any more.
      if (!(error instanceof OutboxError)) log.info("A /tail ended early", { chatId: chat.chat_id, error });
    } finally {
      if (this.#tails.get(chat.chat_id) === following) this.#tails.delete(chat.chat_id);
    }
  }

  async #answerStranger(message: TelegramMessage, text?: string): Promise<void> {
    const id = message.from?.id ?? message.chat.id;
    const replies = this.#strangers.get(id) ?? 0;
    if (replies >= MAX_STRANGER_REPLIES || this.#strangers.size >= MAX_STRANGERS) return;
    this.#strangers.set(id, replies + 1);
    await this.#reply(
      message,
      text ?? "You are not paired with this bridge. Run `televibe telegram pair` where it runs, and send me the code.",
    );
  }

  async #reply(message: TelegramMessage, text: string): Promise<void> {
    const threadId = message.is_topic_message ? message.message_thread_id : undefined;
    await this.#options.outbox.send(message.chat.id, { text }, { priority: "reply", threadId });
  }
}

const LEVEL_SET: Readonly<Record<Level, string>> = {
  all: "This chat is told everything.",
  errors: "This chat is told of failures, and asked for approvals.",
  approvals: "This chat is asked for approvals, and told nothing else.",
  off: "This chat is told nothing, and not asked for approvals either.",
};

/** The job that is meant, among those that the chat may see: by id, the newest of a session, or the newest of all. */
function findJob(state: State, chatId: number, target: string | undefined): Job | undefined {
  const jobs = [...state.jobs.values()].filter((job) => mayReach(job, chatId)).reverse();
  if (target === undefined) return jobs.find((job) => job.state === "running") ?? jobs[0];
  return jobs.find((job) => job.job_id === target) ?? jobs.find((job) => job.session_id === target);
}
