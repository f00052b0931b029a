/** Owns how much is said to people who are not paired: a little, so that they know what to do, and then nothing. */

const MAX_REPLIES = 2;
/** The oldest are forgotten past this, so that a crowd costs no memory. */
const MAX_STRANGERS = 1000;

export class Strangers {
  readonly #replies = new Map<number, number>();

  /** Whether a stranger may be answered once more; counts it. */
  mayAnswer(userId: number): boolean {
    const replies = this.#replies.get(userId) ?? 0;
    if (replies >= MAX_REPLIES) return false;
    this.#replies.set(userId, replies + 1);
    const [oldest] = this.#replies.keys();
    if (this.#replies.size > MAX_STRANGERS && oldest !== undefined) this.#replies.delete(oldest);
    return true;
  }
}
