/** Owns who gets in: `/start CODE` and `/pair CODE` in a private chat, `/link` in a group, and what strangers are told. */

import type { Logger } from "../../diagnostics/logger.ts";
import type { Clock } from "../api/clock.ts";
import type { TelegramMessage, TelegramUser } from "../api/incomingUpdate.ts";
import { type ChatRegistry, displayName } from "../chats/chatRegistry.ts";
import type { Command } from "../commands/command.ts";
import type { PairingCodes } from "./pairingCodes.ts";
import { Strangers } from "./strangers.ts";

export interface PairingOptions {
  readonly codes: PairingCodes;
  readonly registry: ChatRegistry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What came of it: an answer, or nothing to say; and whether a chat was added. */
export interface PairingOutcome {
  readonly reply: string | undefined;
  readonly added: boolean;
}

/** Whom Telegram names as the writer when a group's admin writes as the group. */
const ANONYMOUS_ADMIN = 1_087_968_824;

const SILENCE: PairingOutcome = { reply: undefined, added: false };
const HOW_TO_PAIR =
  "This bot belongs to somebody's Televibe bridge and talks to paired chats only. To pair yours, run `televibe telegram pair` where the bridge runs and open the link that it prints.";
const WRONG_CODE = "That code is wrong, used up or older than ten minutes. `televibe telegram pair` makes a new one.";

export class Pairing {
  readonly #options: PairingOptions;
  readonly #strangers = new Strangers();

  constructor(options: PairingOptions) {
    this.#options = options;
  }

  /** Whether a command is about getting in, whoever writes it. */
  static isAbout({ name }: Command): boolean {
    return name === "start" || name === "pair" || name === "link";
  }

  async handle(command: Command, message: TelegramMessage, from: TelegramUser): Promise<PairingOutcome> {
    if (message.chat.type === "private") return this.#inPrivate(command, message, from);
    return this.#inGroup(command, message, from);
  }

  /** What somebody is told who is not paired, or writes where nothing is linked. */
  answerStranger(message: TelegramMessage, from: TelegramUser): PairingOutcome {
    // In groups people talk to each other: there the bot keeps quiet.
    if (message.chat.type !== "private") return SILENCE;
    return this.#strangerReply(from, HOW_TO_PAIR);
  }

  /** What an admin is told who writes as the group: nobody can know who it is. */
  answerAnonymous(from: TelegramUser): PairingOutcome {
    if (from.id !== ANONYMOUS_ADMIN) return SILENCE;
    return this.#strangerReply(from, "I take no commands from anonymous admins, since I cannot tell who you are.");
  }

  async #inPrivate({ name, words }: Command, message: TelegramMessage, from: TelegramUser): Promise<PairingOutcome> {
    const { codes, registry, log } = this.#options;
    const isPaired = registry.isPaired(from.id) && registry.chat(message.chat.id) !== undefined;
    if (name === "link") return isPaired ? { reply: LINK_IN_GROUP, added: false } : this.answerStranger(message, from);
    const [code] = words;
    // Also used up by somebody who is paired: it stands in the chat for all to read.
    const isGood = code !== undefined && codes.redeem(code);
    if (isPaired) return { reply: "This chat is paired already. /help lists what I understand.", added: false };
    if (!isGood) return this.#strangerReply(from, code === undefined ? HOW_TO_PAIR : WRONG_CODE);
    await registry.pairPerson(from, message.chat);
    log.info("A Telegram chat was paired", { chat: message.chat.id, user: from.id });
    return { reply: welcome(displayName(from)), added: true };
  }

  async #inGroup({ name, words }: Command, message: TelegramMessage, from: TelegramUser): Promise<PairingOutcome> {
    const { codes, registry, log } = this.#options;
    const [code] = words;
    if (name !== "link") {
      if (code === undefined || !codes.redeem(code)) return SILENCE;
      return { reply: CODE_IN_GROUP, added: false };
    }
    if (!registry.isPaired(from.id)) return this.answerAnonymous(from);
    if (message.chat.type === "channel") return SILENCE;
    const known = registry.chat(message.chat.id);
    if (known !== undefined) return { reply: "This group is linked already.", added: false };
    await registry.linkGroup(message.chat, from);
    log.info("A Telegram group was linked", { chat: message.chat.id, user: from.id });
    return { reply: LINKED, added: true };
  }

  #strangerReply(from: TelegramUser, reply: string): PairingOutcome {
    return this.#strangers.mayAnswer(from.id) ? { reply, added: false } : SILENCE;
  }
}

const LINK_IN_GROUP = "Write /link in a group that I am a member of, and I will tell the group what happens.";
const CODE_IN_GROUP =
  "Codes are for private chats. The whole group has seen this one, so it does not work any more: make another with `televibe telegram pair` and send it to me alone.";
const LINKED =
  "This group is linked: it is told what happens, and asked for approvals. Only paired people's answers count. /level sets how much is told.";

function welcome(name: string): string {
  return `Paired. Hello ${name}! From now on I tell you here what your sessions and jobs do, and ask you when one needs a yes or a no.\n\n/status shows what runs, /level sets how much I tell, /help lists the rest.`;
}
