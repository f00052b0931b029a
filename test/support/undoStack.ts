/** Owns what is to be undone at the end of a test, last thing first; Node 20 has no `AsyncDisposableStack` yet. */
export class UndoStack implements AsyncDisposable {
  readonly #undos: (() => PromiseLike<void>)[] = [];

  /** Answers the resource, which is disposed of with the stack. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#undos.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(undo: () => PromiseLike<void>): void {
    this.#undos.push(undo);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) await undo();
  }
}
