/** Owns the faults that a test asks for: what becomes of the next calls instead of an answer. */

export type Fault =
  /** The connection is cut before anything happened. */
  | "reset"
  /** The call is carried out, and the connection cut before the answer. */
  | "lostAnswer"
  /** A proxy's page with status 502. */
  | "badGateway"
  /** A captive portal's page with status 200. */
  | "captivePortal"
  /** No answer at all; the connection stays open. */
  | "silence";

interface Scripted {
  readonly fault: Fault;
  readonly method: string | undefined;
  left: number;
}

export class Faults {
  readonly #scripted: Scripted[] = [];

  /** The next calls (of one method, or of any but `getUpdates`) meet a fault. */
  next(fault: Fault, options: { readonly method?: string; readonly times?: number } = {}): void {
    this.#scripted.push({ fault, method: options.method, left: options.times ?? 1 });
  }

  clear(): void {
    this.#scripted.length = 0;
  }

  take(method: string): Fault | undefined {
    const fits = (one: Scripted) => (one.method === undefined ? method !== "getUpdates" : one.method === method);
    const found = this.#scripted.find((one) => one.left > 0 && fits(one));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}
