/** Owns the one-time codes that pair a chat: made here, kept as a hash, good once and for ten minutes. */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../api/clock.ts";
import type { TelegramFile } from "../record/telegramFile.ts";

export interface PairingCode {
  readonly code: string;
  /** RFC 3339. */
  readonly expires_at: string;
}

export const PAIRING_CODE_LIFETIME_MS = 10 * 60_000;
/** More would be somebody's loop; the oldest goes. */
const MAX_CODES = 20;

/** 128 bits, in the alphabet that Telegram allows in a `/start` link. */
export function newPairingCode(): string {
  return randomBytes(16).toString("base64url");
}

export class PairingCodes {
  readonly #file: TelegramFile;
  readonly #clock: Clock;
  readonly #newCode: () => string;

  constructor(file: TelegramFile, clock: Clock, newCode: () => string = newPairingCode) {
    this.#file = file;
    this.#clock = clock;
    this.#newCode = newCode;
  }

  /** Makes a code. It is on disk when this resolves, so that it holds through a restart. */
  async issue(): Promise<PairingCode> {
    const code = this.#newCode();
    const expires_at = new Date(this.#clock.dateMs() + PAIRING_CODE_LIFETIME_MS).toISOString();
    await this.#file.update((record) => ({
      ...record,
      codes: [...record.codes.filter(this.#isGood), { sha256: sha256(code), expires_at }].slice(-MAX_CODES),
    }));
    return { code, expires_at };
  }

  /** Whether a code is good; it is not any more afterwards. */
  redeem(code: string): boolean {
    const hash = sha256(code);
    const found = this.#file.record.codes.find(({ sha256 }) => sha256 === hash);
    if (found === undefined) return false;
    // Used up in memory before anything is awaited: of two who come at once, one gets it.
    void this.#file.update((record) => ({
      ...record,
      codes: record.codes.filter((one) => one.sha256 !== hash && this.#isGood(one)),
    }));
    return this.#isGood(found);
  }

  readonly #isGood = ({ expires_at }: { readonly expires_at: string }): boolean =>
    Date.parse(expires_at) > this.#clock.dateMs();
}

function sha256(code: string): string {
  return createHash("sha256").update(code).digest("hex");
}
