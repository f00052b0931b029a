/** Owns reading one word of shell text: its quotes, its escapes and its expansions, and what those run. */
import { ANY_NAME, ANYTHING, type ShellWord } from "./shellWord.ts";

export interface WordScannerOptions {
  /** Scans text that is run as commands; with a bracket, up to that. Answers how far it came. */
  readonly scanWithin: (text: string, closing: ")" | undefined) => number;
  readonly note: (why: string) => void;
}

/** A word ends in front of them. */
export const BREAKS: ReadonlySet<string> = new Set([" ", "\t", "\n", ";", "&", "|", "<", ">", "(", ")", ""]);
/** Expansions within one another; nobody writes so many by hand. */
const MAX_NESTING = 50;
const NAME_START = /^[A-Za-z_]$/;
const ARITHMETIC = /^[\w\s+\-*/%<>=!&|^~?:,()$]$/;

export class WordScanner {
  /** Where it is read on. */
  at = 0;
  readonly #text: string;
  readonly #options: WordScannerOptions;
  /** The word that is read holds `$@` or the like, which is many words in quotes too. */
  #hasList = false;
  #nesting = 0;

  constructor(text: string, options: WordScannerOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.#text[this.at] ?? "";
  }

  /** The word that begins here. */
  scanWord(): ShellWord {
    let text = "";
    let isMany = false;
    let isQuoted = false;
    const start = this.at;
    this.#hasList = false;
    for (;;) {
      const character = this.next;
      const isSubstitution = (character === "<" || character === ">") && this.#text[this.at + 1] === "(";
      if (BREAKS.has(character) && !(isSubstitution && this.at === start)) break;
      if (isSubstitution) {
        this.at += 1;
        this.#scanBracketed();
        text += ANYTHING;
      } else if (character === "\\") {
        const escaped = this.#text[this.at + 1] ?? "";
        this.at += 2;
        if (escaped !== "\n") text += escaped;
        isQuoted = true;
      } else if (character === "'") {
        text += this.#scanSingleQuoted();
        isQuoted = true;
      } else if (character === '"') {
        this.at += 1;
        text += this.scanDoubleQuoted('"');
        isQuoted = true;
      } else if (character === "$" || character === "`") {
        const isOfQuotes = /^\$["']/.test(this.#text.slice(this.at, this.at + 2));
        text += this.#scanExpansion();
        isQuoted ||= isOfQuotes;
        isMany ||= !isOfQuotes && text.endsWith(ANYTHING);
      } else {
        this.at += 1;
        const isPattern = character === "*" || character === "?" || character === "[";
        isMany ||= isPattern;
        text += isPattern ? ANY_NAME : character;
      }
    }
    const raw = this.#text.slice(start, this.at);
    // The commands of these names are no patterns.
    if (raw === "[" || raw === "[[") return { text: raw, isMany: false, isQuoted };
    // `{a,b}` is two words and `{a..c}` three; `{}` is what find and xargs put something in the place of.
    isMany ||= this.#hasList;
    if (raw === "{}") return { text: ANYTHING, isMany: false, isQuoted: true };
    if (isBraced(raw)) return { text: ANYTHING, isMany: true, isQuoted };
    return { text: withoutBrackets(text), isMany, isQuoted };
  }

  #scanSingleQuoted(): string {
    const end = this.#text.indexOf("'", this.at + 1);
    if (end < 0) this.#options.note("has a ' that is not closed");
    const text = this.#text.slice(this.at + 1, end < 0 ? this.#text.length : end);
    this.at = end < 0 ? this.#text.length : end + 1;
    return text;
  }

  /** Up to the closing quote; of a here-document up to the end. */
  scanDoubleQuoted(closing: '"' | undefined): string {
    let text = "";
    while (this.at < this.#text.length) {
      const character = this.next;
      if (character === closing) {
        this.at += 1;
        return text;
      }
      if (character === "$" || character === "`") text += this.#scanExpansion({ isInDoubleQuotes: true });
      else if (character === "\\") {
        const escaped = this.#text[this.at + 1] ?? "";
        this.at += 2;
        if (escaped === "\n") continue;
        text += '$`"\\'.includes(escaped) ? escaped : `\\${escaped}`;
      } else {
        text += character;
        this.at += 1;
      }
    }
    if (closing !== undefined) this.#options.note('has a " that is not closed');
    return text;
  }

  /** Behind `$` or in backticks: scans what it runs and answers what stands in its place. */
  #scanExpansion(options: { readonly isInDoubleQuotes?: boolean } = {}): string {
    if (this.#nesting === MAX_NESTING) {
      this.#options.note("is nested too deep");
      this.at = this.#text.length;
      return ANYTHING;
    }
    this.#nesting += 1;
    const stands = this.#expansion(options);
    this.#nesting -= 1;
    return stands;
  }

  #expansion({ isInDoubleQuotes = false }: { readonly isInDoubleQuotes?: boolean }): string {
    if (this.next === "`") return this.#scanBackticks();
    this.at += 1;
    const character = this.next;
    if (character === "(") {
      const isArithmetic = this.#text[this.at + 1] === "(";
      if (isArithmetic) this.#scanArithmetic();
      else this.#scanBracketed();
      return ANYTHING;
    }
    if (character === "{") return this.#scanBraced();
    if (character === "[") {
      this.#options.note("has a $[");
      return ANYTHING;
    }
    if (character === "'" && !isInDoubleQuotes) {
      // What its escapes stand for is not looked up.
      this.#scanEscapedQuotes();
      return ANYTHING;
    }
    if (character === '"' && !isInDoubleQuotes) {
      this.at += 1;
      return this.scanDoubleQuoted('"');
    }
    if (NAME_START.test(character)) {
      while (/^[A-Za-z0-9_]$/.test(this.next)) this.at += 1;
      return ANYTHING;
    }
    if (/^[0-9@*#?$!-]$/.test(character)) {
      this.#hasList ||= character === "@";
      this.at += 1;
      return ANYTHING;
    }
    return "$";
  }

  #scanBracketed(): void {
    this.at += 1;
    this.at += this.#options.scanWithin(this.#text.slice(this.at), ")") + 1;
  }

  /** Its text is scanned as if it were commands: what is none does no harm, and what is one to some shell is found. */
  #scanArithmetic(): void {
    let open = 0;
    let end = this.at;
    do {
      const character = this.#text[end] ?? "";
      const isExpansion = character === "$" && /[({[]/.test(this.#text[end + 1] ?? "");
      if (!ARITHMETIC.test(character) || isExpansion) {
        this.#options.note("has arithmetic with expansions in it");
        this.#scanBracketed();
        return;
      }
      if (character === "(") open += 1;
      if (character === ")") open -= 1;
      end += 1;
    } while (open > 0);
    this.#options.scanWithin(this.#text.slice(this.at, end).replaceAll(/[<>()]/g, " "), undefined);
    this.at = end;
  }

  /** In it shells differ on what quotes are, and where it ends with them. */
  #scanBraced(): string {
    this.at += 1;
    while (this.at < this.#text.length) {
      const character = this.next;
      if (character === "}") {
        this.at += 1;
        return ANYTHING;
      }
      if (character === "'" || character === '"') this.#options.note("has quotes inside of ${");
      this.#hasList ||= character === "@";
      if (character === "$" || character === "`") this.#scanExpansion();
      else if (character === "'") this.#scanSingleQuoted();
      else if (character === '"') {
        this.at += 1;
        this.scanDoubleQuoted('"');
      } else this.at += character === "\\" ? 2 : 1;
    }
    this.#options.note("has a ${ that is not closed");
    return ANYTHING;
  }

  #scanEscapedQuotes(): void {
    this.at += 1;
    while (this.at < this.#text.length && this.next !== "'") this.at += this.next === "\\" ? 2 : 1;
    if (this.at >= this.#text.length) this.#options.note("has a $' that is not closed");
    this.at += 1;
  }

  #scanBackticks(): string {
    let inside = "";
    this.at += 1;
    while (this.at < this.#text.length && this.next !== "`") {
      const following = this.#text[this.at + 1] ?? "?";
      // Whether its backslash goes depends on the quotes round all of it.
      if (this.next === "\\" && following === '"') this.#options.note("has an escaped quote in backticks");
      if (this.next === "\\" && "$`\\".includes(following)) this.at += 1;
      inside += this.next;
      this.at += 1;
    }
    if (this.at >= this.#text.length) this.#options.note("has a ` that is not closed");
    this.at += 1;
    this.#options.scanWithin(inside, undefined);
    return ANYTHING;
  }
}

/** `[e]` stands for a name's character, whatever is in it; with a slash in it, for itself. */
function withoutBrackets(text: string): string {
  const start = text.indexOf(ANY_NAME);
  const end = text.lastIndexOf("]");
  if (start < 0 || end < start) return text;
  const stands = text.slice(start, end).includes("/") ? ANY_NAME + ANYTHING : ANY_NAME;
  return text.slice(0, start) + stands + text.slice(end + 1);
}

/** Not by a regular expression, which would take for ever over many brackets. */
function isBraced(raw: string): boolean {
  const inside = raw.slice(raw.indexOf("{") + 1, Math.max(0, raw.lastIndexOf("}")));
  return raw.includes("{") && (inside.includes(",") || inside.includes(".."));
}
