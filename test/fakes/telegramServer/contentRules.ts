/** Owns what Telegram takes as a message's text, formatting and buttons. */
import { badRequest } from "./refusal.ts";

export interface FakeEntity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

export interface FakeButton {
  readonly text: string;
  readonly callback_data?: string;
  readonly url?: string;
  readonly style?: string;
}

export type FakeKeyboard = readonly (readonly FakeButton[])[];

const ENTITY_TYPES = new Set([
  ...["bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "text_mention"],
  ...["blockquote", "expandable_blockquote", "custom_emoji", "date_time", "bot_command", "url", "mention"],
]);
const STYLES = new Set(["success", "danger", "primary"]);
const MAX_CHARACTERS = 4096;
const MAX_CAPTION_CHARACTERS = 1024;

export function checkText(value: unknown): string {
  const text = checkCharacters(value ?? "", MAX_CHARACTERS, "message is too long");
  if (text.trim() === "") throw badRequest("message text is empty");
  return text;
}

export function checkCaption(value: unknown): string {
  return checkCharacters(value ?? "", MAX_CAPTION_CHARACTERS, "message caption is too long");
}

function checkCharacters(value: unknown, max: number, tooLong: string): string {
  if (typeof value !== "string") throw badRequest("message text is not a string");
  if (/\p{Surrogate}/u.test(value)) throw badRequest("strings must be encoded in UTF-8");
  // Telegram counts code points, not UTF-16 units.
  if ([...value].length > max) throw badRequest(tooLong);
  return value;
}

export function checkEntities(value: unknown, text: string): readonly FakeEntity[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw badRequest("can't parse entities JSON object");
  return value.map((entity: unknown) => checkEntity(entity, text));
}

function checkEntity(value: unknown, text: string): FakeEntity {
  if (!isRecord(value)) throw badRequest("can't parse MessageEntity: expected an Object");
  const { type, offset, length } = value;
  if (typeof type !== "string" || !ENTITY_TYPES.has(type)) {
    throw badRequest(`can't parse MessageEntity: unsupported type ${String(type)}`);
  }
  if (!Number.isInteger(offset) || !Number.isInteger(length)) {
    throw badRequest("can't parse MessageEntity: offset and length must be of type Number");
  }
  const [start, size] = [Number(offset), Number(length)];
  if (start < 0) throw badRequest(`receive an entity with incorrect offset ${start}`);
  if (size <= 0) throw badRequest(`receive an entity with incorrect length ${size}`);
  const end = start + size;
  if (end > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${start} ends after the end of the text at UTF-16 offset ${end}`,
    );
  }
  if (splitsPair(text, start)) throw badRequest(`entity begins in a middle of a UTF-16 symbol at byte offset ${start}`);
  if (splitsPair(text, end)) throw badRequest(`entity ends in a middle of a UTF-16 symbol at byte offset ${end}`);
  return { ...value, type, offset: start, length: size };
}

function splitsPair(text: string, index: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(index - 1, index + 1));
}

export function checkKeyboard(markup: unknown): FakeKeyboard {
  if (markup === undefined) return [];
  if (!isRecord(markup) || !Array.isArray(markup["inline_keyboard"])) {
    throw badRequest("object expected as reply markup");
  }
  return markup["inline_keyboard"].map((row: unknown) => {
    if (!Array.isArray(row))
      throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays');
    return row.map(checkButton);
  });
}

function checkButton(value: unknown): FakeButton {
  if (!isRecord(value)) throw badRequest("can't parse inline keyboard button: expected an Object");
  const { text, callback_data, url, copy_text, style } = value;
  if (typeof text !== "string" || text.trim() === "")
    throw badRequest("can't parse inline keyboard button: text must be non-empty");
  if (style !== undefined && !(typeof style === "string" && STYLES.has(style))) {
    throw badRequest("can't parse inline keyboard button: invalid button style specified");
  }
  const look = { text, ...(typeof style === "string" ? { style } : {}) };
  if (callback_data !== undefined) {
    const bytes = typeof callback_data === "string" ? Buffer.byteLength(callback_data) : 0;
    if (typeof callback_data !== "string" || bytes < 1 || bytes > 64) throw badRequest("BUTTON_DATA_INVALID");
    return { ...look, callback_data };
  }
  if (typeof url === "string" && /^(https?|tg):\/\//.test(url)) return { ...look, url };
  if (isRecord(copy_text) && typeof copy_text["text"] === "string") return look;
  throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
