/** Owns lifetimes: what is registered with its owner ends with it, newest first. */

/** What can be given back: VS Code's disposables and the language's own. */
export type Releasable = { dispose(): unknown } | Disposable;

export class Lifetime {
  #held: Releasable[] = [];
  #hasEnded = false;

  /** Holds something until the end. After the end it is given back at once, since nobody would come for it any more. */
  protected _register<T extends Releasable>(held: T): T {
    if (this.#hasEnded) release(held);
    else this.#held.push(held);
    return held;
  }

  dispose(): void {
    this.#hasEnded = true;
    const held = this.#held.reverse();
    this.#held = [];
    for (const each of held) release(each);
  }
}

function release(held: Releasable): void {
  if ("dispose" in held) held.dispose();
  else held[Symbol.dispose]();
}
