/** Owns one-time codes: who types one into the bot's chat was given it by somebody at the machine. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export const CODE_LIFETIME_MS = 10 * 60_000;
/** 128 bits; in base64url it fits a `/start` link, which takes 64 characters. */
const CODE_BYTES = 16;
/** Codes that are open at the same time; a further one replaces the oldest. */
const MAX_OPEN = 5;

interface OpenCode {
  readonly hash: Buffer;
  readonly expiresMs: number;
}

export class Pairing {
  readonly #nowMs: () => number;
  #open: OpenCode[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A new code. Only its hash is kept. */
  newCode(): { readonly code: string; readonly expiresMs: number } {
    const code = randomBytes(CODE_BYTES).toString("base64url");
    const expiresMs = this.#nowMs() + CODE_LIFETIME_MS;
    this.#open = [...this.#open, { hash: hashOf(code), expiresMs }].slice(-MAX_OPEN);
    return { code, expiresMs };
  }

  /** Uses a code up; answers whether it was good. */
  redeem(code: string): boolean {
    const nowMs = this.#nowMs();
    const hash = hashOf(code);
    const isMatch = (open: OpenCode) => open.expiresMs > nowMs && timingSafeEqual(open.hash, hash);
    const isGood = this.#open.some(isMatch);
    this.#open = this.#open.filter((open) => open.expiresMs > nowMs && !isMatch(open));
    return isGood;
  }
}

function hashOf(code: string): Buffer {
  return createHash("sha256").update(code).digest();
}
