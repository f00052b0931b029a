/** Owns a list of listeners for one `onDidX`. */

export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();

  add(listener: (value: T) => void): Disposable {
    // Wrapped, so that the same function added twice is two listeners and each is disposed for itself.
    const entry = (value: T) => listener(value);
    this.#all.add(entry);
    return { [Symbol.dispose]: () => void this.#all.delete(entry) };
  }

  fire(value: T): void {
    for (const listener of [...this.#all]) listener(value);
  }
}
