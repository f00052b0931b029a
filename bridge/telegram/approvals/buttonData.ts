/** Owns what the buttons of an approval carry: a letter for the answer and the card's random key, 24 bytes of Telegram's 64. */
import { randomBytes } from "node:crypto";
import type { InlineKeyboard } from "../api/telegramMethods.ts";

export type ButtonAnswer = "approve" | "deny";

const DATA = /^([ad]):([A-Za-z0-9_-]{16,40})$/;

/** 128 bits: nobody guesses the buttons of a card that was not sent to them. */
export function newCardKey(): string {
  return randomBytes(16).toString("base64url");
}

export function approvalKeyboard(key: string): InlineKeyboard {
  return [
    [
      { text: "✅ Approve", style: "success", callback_data: `a:${key}` },
      { text: "❌ Deny", style: "danger", callback_data: `d:${key}` },
    ],
  ];
}

/** Reads a press; undefined for data that no approval's button ever carried. */
export function parseButtonData(data: string): { readonly answer: ButtonAnswer; readonly key: string } | undefined {
  const [, letter, key] = DATA.exec(data) ?? [];
  if (key === undefined) return undefined;
  return { answer: letter === "a" ? "approve" : "deny", key };
}
