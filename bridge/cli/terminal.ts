/** Owns writing to the terminal: colours where a person looks, and a quiet end where nobody reads any more. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  /** Results, on standard output. */
  print(line: string): void;
  /** What is said about them, on standard error. */
  note(line: string): void;
  /** Colours text, if standard output is a terminal that wants colours. */
  style(style: Style, text: string): string;
  readonly isInteractive: boolean;
  /** From now on it is no end of the command when nobody reads its output any more. */
  outliveReader(): void;
  /** Resolves when all that was written is out of our hands. */
  flush(): Promise<void>;
}

export function createTerminal(): Terminal {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const isInteractive = process.stdout.isTTY === true;
  const hasColors = FORCE_COLOR ? FORCE_COLOR !== "0" : isInteractive && !NO_COLOR;
  return {
    print: (line) => void process.stdout.write(`${withoutForeignControls(line)}\n`),
    note: (line) => void process.stderr.write(`${withoutForeignControls(line)}\n`),
    style: (style, text) => (hasColors ? styleText(style, text, { validateStream: false }) : text),
    isInteractive,
    outliveReader: () => {
      process.stdout.off("error", endQuietly);
    },
    flush: async () => {
      await Promise.all([process.stdout, process.stderr].map(flushed));
    },
  };
}

/** Colours and clearing the screen, which are ours, or any control character but tab and line feed. */
const CONTROLS = /(\u001b\[[\d;]*m|\u001b\[2J|\u001b\[H)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * What came from outside was made harmless where it was put into words. What slipped through is written as JSON writes it:
 * in JSON it means the same, and to a terminal nothing.
 */
function withoutForeignControls(text: string): string {
  return text.replace(
    CONTROLS,
    (found: string, own?: string) => own ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `televibe events | head` closes our output: that is no error, and nothing is left to do. */
export function endQuietlyWithoutReader(): void {
  process.stdout.on("error", endQuietly);
  // Nobody is left to be told.
  process.stderr.on("error", unlessNobodyReads);
}

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  // Such as a file on a full disk: no fault of ours that a stack would explain.
  process.stderr.write(`televibe: the output could not be written: ${error.message}\n`);
  process.exit(1);
}

function unlessNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}
