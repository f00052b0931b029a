/** Owns cutting a text that is too long for one message, with its formatting, where a reader would cut it. Pure. */
import type { MessageEntity } from "../api/telegramMethods.ts";
import type { FormattedText } from "./outboxItem.ts";

/**
 * Telegram counts 4,096 code points; this counts UTF-16 code units, as entity offsets do. The result always fits, and a text
 * full of emoji leaves some room unused.
 */
export const MAX_MESSAGE_LENGTH = 4096;

const ELLIPSIS = "…";

/** Cuts a text into messages that fit, none of them blank: an empty list for a blank text. */
export function splitText(whole: FormattedText, maxLength: number = MAX_MESSAGE_LENGTH): FormattedText[] {
  const parts: FormattedText[] = [];
  const text = wellFormed(whole.text);
  let start = 0;
  while (start < text.length) {
    const end = cutAt(text, start, maxLength);
    const part = slice({ text, entities: whole.entities }, start, end);
    // Telegram refuses a message of nothing but white space.
    if (part.text.trim() !== "") parts.push(part);
    start = end;
  }
  return parts;
}

/** Keeps the beginning, and says with an ellipsis that there was more. */
export function keepStart(whole: FormattedText, maxLength: number = MAX_MESSAGE_LENGTH): FormattedText {
  const text = wellFormed(whole.text);
  if (text.length <= maxLength) return { ...whole, text };
  const end = cutAt(text, 0, maxLength - ELLIPSIS.length);
  const kept = slice({ text, entities: whole.entities }, 0, end);
  return { ...kept, text: kept.text + ELLIPSIS };
}

/** The index after the last unit of a part that begins at `start`: after a line, else after a word, else between two characters. */
function cutAt(text: string, start: number, maxLength: number): number {
  const limit = start + maxLength;
  if (limit >= text.length) return text.length;
  const earliest = start + Math.floor(maxLength * 0.75);
  for (const separator of ["\n", " "]) {
    const found = text.lastIndexOf(separator, limit - 1);
    if (found >= earliest) return found + 1;
  }
  return isInsidePair(text, limit) ? limit - 1 : limit;
}

function slice({ text, entities }: FormattedText, start: number, end: number): FormattedText {
  const kept: MessageEntity[] = [];
  for (const entity of entities ?? []) {
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    if (to > from) kept.push({ ...entity, offset: from - start, length: to - from });
  }
  const part = text.slice(start, end);
  return kept.length === 0 ? { text: part } : { text: part, entities: kept };
}

function isInsidePair(text: string, index: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(index - 1, index + 1));
}

/** Telegram refuses half a surrogate pair. The replacement is as long, so that offsets stay right. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}
