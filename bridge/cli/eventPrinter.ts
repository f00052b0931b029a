/** Owns printing events, one a line: for people through the shared line, for scripts as JSON. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { reduce } from "../../shared/state/reduce.ts";
import type { State } from "../../shared/state/state.ts";
import { eventLine, formatEventLine } from "../../shared/text/eventLine.ts";
import type { Terminal } from "./terminal.ts";

export class EventPrinter {
  readonly #terminal: Terminal;
  readonly #isJson: boolean;
  #state: State;

  /** `state` knows the names of what the events point at; it goes on with them. */
  constructor(options: { readonly terminal: Terminal; readonly isJson: boolean; readonly state: State }) {
    this.#terminal = options.terminal;
    this.#isJson = options.isJson;
    this.#state = options.state;
  }

  get state(): State {
    return this.#state;
  }

  print(event: StoredEvent): void {
    this.#state = reduce(this.#state, [event]).state;
    if (this.#isJson) this.#terminal.print(JSON.stringify(event));
    else this.#terminal.print(formatEventLine(eventLine(event, this.#state), localTime(event.timestamp)));
  }
}

/** In the time zone of who reads it, with the date, since events may be old. */
export function localTime(timestamp: string): string {
  const time = new Date(timestamp);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
