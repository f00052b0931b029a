/** Owns who is paired: the chats that are told things, and the people whose presses and commands count. */
import type { Clock } from "../api/clock.ts";
import type { TelegramChat, TelegramUser } from "../api/incomingUpdate.ts";
import type { TelegramFile } from "../record/telegramFile.ts";
import type { NotificationLevel, PairedChat, TelegramRecord } from "../record/telegramRecord.ts";

export interface Person {
  readonly id: number;
  readonly name: string;
}

export class ChatRegistry {
  readonly #file: TelegramFile;
  readonly #clock: Clock;

  constructor(file: TelegramFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  get chats(): readonly PairedChat[] {
    return this.#file.record.chats;
  }

  /** A paired chat, also by an id that it had before. */
  chat(id: number): PairedChat | undefined {
    return this.chats.find((chat) => chat.id === id || chat.former_ids.includes(id));
  }

  /** Whether what this person presses or writes counts. */
  isPaired(userId: number): boolean {
    return this.#file.record.users.some(({ id }) => id === userId);
  }

  /** Pairs a person and their private chat with the bot. */
  async pairPerson(user: TelegramUser, chat: TelegramChat): Promise<void> {
    const person = { id: user.id, name: displayName(user) };
    await this.#file.update((record) => ({
      ...record,
      users: [...record.users.filter(({ id }) => id !== user.id), { ...person, paired_at: this.#now() }],
      chats: withChat(record, this.#newChat(chat, "private", person)),
    }));
  }

  /** Links a group, in the name of somebody who is paired. */
  async linkGroup(chat: TelegramChat, user: TelegramUser): Promise<void> {
    const type = chat.type === "supergroup" ? "supergroup" : "group";
    const linked = this.#newChat(chat, type, { id: user.id, name: displayName(user) });
    await this.#file.update((record) => ({ ...record, chats: withChat(record, linked) }));
  }

  /** Undoes a pairing. With a private chat goes its person. Answers whether there was one. */
  async unpair(id: number): Promise<boolean> {
    const chat = this.chat(id);
    if (chat === undefined) return false;
    await this.#file.update((record) => ({
      ...record,
      chats: record.chats.filter((other) => other.id !== chat.id),
      users: record.users.filter((user) => user.id !== chat.id),
      cards: record.cards.filter((card) => card.chat_id !== chat.id),
    }));
    return true;
  }

  setLevel(id: number, level: NotificationLevel): Promise<void> {
    return this.#change(id, { level });
  }

  /** @param until milliseconds since the epoch; undefined ends a mute. */
  setMuted(id: number, until: number | undefined): Promise<void> {
    return this.#change(id, { muted_until: until === undefined ? null : new Date(until).toISOString() });
  }

  /** @param why nothing can be delivered; undefined once it can again. */
  setLost(id: number, why: string | undefined): Promise<void> {
    return this.#change(id, { lost: why ?? null });
  }

  /** A group became a supergroup. Its old messages cannot be changed any more, so that its cards are sent anew. */
  async migrate(fromId: number, toId: number): Promise<void> {
    await this.#file.update((record) => {
      if (!record.chats.some(({ id }) => id === fromId)) return record;
      return {
        ...record,
        chats: record.chats
          .filter(({ id }) => id !== toId)
          .map((chat) =>
            chat.id === fromId
              ? { ...chat, id: toId, type: "supergroup", lost: null, former_ids: [...chat.former_ids, fromId] }
              : chat,
          ),
        cards: record.cards.map((card) =>
          card.chat_id === fromId ? { ...card, chat_id: toId, message_ids: [] } : card,
        ),
      };
    });
  }

  #newChat(chat: TelegramChat, type: PairedChat["type"], by: Person): PairedChat {
    const title = chat.title ?? by.name;
    return {
      id: chat.id,
      former_ids: [],
      type,
      title,
      paired_at: this.#now(),
      paired_by: by,
      level: "all",
      muted_until: null,
      lost: null,
    };
  }

  async #change(id: number, change: Partial<PairedChat>): Promise<void> {
    const chat = this.chat(id);
    if (chat === undefined || Object.entries(change).every(([name, value]) => Reflect.get(chat, name) === value))
      return;
    await this.#file.update((record) => ({
      ...record,
      chats: record.chats.map((other) => (other.id === chat.id ? { ...other, ...change } : other)),
    }));
  }

  #now(): string {
    return new Date(this.#clock.dateMs()).toISOString();
  }
}

function withChat(record: TelegramRecord, chat: PairedChat): PairedChat[] {
  return [...record.chats.filter(({ id }) => id !== chat.id), chat];
}

/** What a person is called on every surface. */
export function displayName({ first_name, last_name, id }: TelegramUser): string {
  const name = [first_name, last_name].filter((part) => part !== undefined && part !== "").join(" ");
  return name.trim() === "" ? `Telegram user ${id}` : name.trim().slice(0, 100);
}
