/** Owns who is paired, what each chat wants to hear, and which message shows which approval; kept over restarts. */
import { readFile, rename } from "node:fs/promises";
import type { Logger } from "../../diagnostics/logger.ts";
import { writeSecretFile } from "../../lifecycle/discoveryFile.ts";
import { type ApprovalCard, type PairedChat, type RegistryContent, registryContent } from "./chat.ts";

const EMPTY: RegistryContent = { version: 1, users: [], chats: [], cards: [] };

export class Registry {
  readonly #file: string;
  readonly #log: Logger;
  #content: RegistryContent = EMPTY;
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  get chats(): readonly PairedChat[] {
    return this.#content.chats;
  }

  get cards(): readonly ApprovalCard[] {
    return this.#content.cards;
  }

  /** A file that cannot be read is set aside: nobody is paired then, which is the safe side. */
  async load(): Promise<void> {
    const text = await readOrNothing(this.#file);
    if (text === undefined) return;
    const parsed = registryContent.safeParse(parseJson(text));
    if (parsed.success) {
      this.#content = parsed.data;
      return;
    }
    const aside = `${this.#file}.damaged`;
    await rename(this.#file, aside);
    this.#log.error("The list of paired chats could not be read; pair them again", { keptAs: aside });
  }

  chat(chatId: number): PairedChat | undefined {
    return this.#content.chats.find(({ chat_id }) => chat_id === chatId);
  }

  isPairedUser(userId: number): boolean {
    return this.#content.users.some(({ user_id }) => user_id === userId);
  }

  async pairUser(user: { readonly user_id: number; readonly name: string; readonly paired_at: string }): Promise<void> {
    const others = this.#content.users.filter(({ user_id }) => user_id !== user.user_id);
    await this.#change({ users: [...others, user] });
  }

  async putChat(chat: PairedChat): Promise<void> {
    const others = this.#content.chats.filter(({ chat_id }) => chat_id !== chat.chat_id);
    await this.#change({ chats: [...others, chat] });
  }

  /** Forgets a chat, its cards and, for a private one, the rights of its user. Answers whether it was there. */
  async removeChat(chatId: number): Promise<boolean> {
    const isThere = this.chat(chatId) !== undefined;
    await this.#change({
      chats: this.#content.chats.filter(({ chat_id }) => chat_id !== chatId),
      cards: this.#content.cards.filter(({ chat_id }) => chat_id !== chatId),
      users: this.#content.users.filter(({ user_id }) => user_id !== chatId),
    });
    return isThere;
  }

  /** A group got another id; its old messages are not reachable under it. */
  async migrateChat(fromChatId: number, toChatId: number): Promise<void> {
    const chat = this.chat(fromChatId);
    if (chat === undefined) return;
    await this.#change({
      chats: [...this.#content.chats.filter(({ chat_id }) => chat_id !== fromChatId), { ...chat, chat_id: toChatId }],
      cards: this.#content.cards.filter(({ chat_id }) => chat_id !== fromChatId),
    });
  }

  async putCard(card: ApprovalCard): Promise<void> {
    await this.#change({ cards: [...this.#content.cards.filter(({ key }) => key !== card.key), card] });
  }

  async removeCard(key: string): Promise<void> {
    await this.#change({ cards: this.#content.cards.filter((card) => card.key !== key) });
  }

  /** Resolves when everything is on disk. */
  saved(): Promise<void> {
    return this.#saving;
  }

  /** Takes effect at once; resolves when it is on disk. */
  async #change(change: Partial<RegistryContent>): Promise<void> {
    this.#content = { ...this.#content, ...change };
    const write = () => writeSecretFile(this.#file, `${JSON.stringify(this.#content, null, 2)}\n`);
    const saved = this.#saving.then(write);
    this.#saving = saved.catch((error: unknown) => {
      this.#log.error("The list of paired chats could not be written", { error });
    });
    await saved;
  }
}

async function readOrNothing(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // As good as damaged in any other way.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
