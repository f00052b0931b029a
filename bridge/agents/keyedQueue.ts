/** Owns the order of work: what belongs to one key is done one after the other, and no key waits for another. */

export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does something once all that was given before under this key is done, however that ended. */
  run<T>(key: string, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(act, act);
    const done = result
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === done) this.#last.delete(key);
      });
    this.#last.set(key, done);
    return result;
  }

  /** Resolves once all that was given so far is done: of one key, or of all. */
  async idle(key?: string): Promise<void> {
    if (key !== undefined) await this.#last.get(key);
    else await Promise.all(this.#last.values());
  }
}
