/** Owns telling whoever waits at a terminal how long there is for an answer: at first, and again as it runs out. */
import { CountdownTimer } from "../../../shared/client/countdownTimer.ts";
import type { Approval } from "../../../shared/protocol/approval.ts";
import { countdown, roughCountdown, roughCountdownChangesInMs } from "../../../shared/text/countdown.ts";
import type { Terminal } from "../terminal.ts";

export class AnswerLimit implements Disposable {
  readonly #terminal: Pick<Terminal, "note" | "isInteractive">;
  readonly #timer: CountdownTimer;
  #approval: Approval | undefined;

  constructor(terminal: Pick<Terminal, "note" | "isInteractive">) {
    this.#terminal = terminal;
    // A line each time: as often as is worth one, and only where a person sees it.
    this.#timer = new CountdownTimer({
      shown: () => (this.#approval !== undefined && terminal.isInteractive ? [this.#approval] : []),
      changesInMs: roughCountdownChangesInMs,
      onDue: () => this.#remind(),
    });
  }

  /** Takes the question as the bridge has it; what was told already is not told again. */
  tell(approval: Approval): void {
    const isNew = this.#approval?.expires_at !== approval.expires_at;
    this.#approval = approval;
    const left = isNew ? countdown(approval, Date.now()) : undefined;
    if (left !== undefined) this.#terminal.note(`If nobody answers, it is ${left}.`);
    this.#timer.look();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #remind(): void {
    const left = this.#approval && roughCountdown(this.#approval, Date.now());
    if (left !== undefined) this.#terminal.note(`If nobody answers, it is ${left}.`);
  }
}
