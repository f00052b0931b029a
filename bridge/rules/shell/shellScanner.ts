/**
 * Owns finding every command in shell text, wherever it stands: behind operators, in subshells and substitutions. It is
 * no shell: it finds rather too much than too little, and says so where it cannot follow.
 */
import { ANY_NAME, type ShellWord } from "./shellWord.ts";
import { BREAKS, WordScanner } from "./wordScanner.ts";

export interface ScannedCommand {
  readonly words: readonly ShellWord[];
}

/** What was found so far, over all texts that are within one another. */
export interface ScanFindings {
  readonly commands: ScannedCommand[];
  /** Here-documents, which are a shell's text only where a shell reads them. */
  readonly documents: string[];
  /** Why not all of it was understood: the first reason. */
  unclear: string | undefined;
}

/** Deeper than this nobody writes by hand. */
const MAX_DEPTH = 12;
const MAX_COMMANDS = 2000;
const MAX_LENGTH = 100_000;

const BLANK = /^[ \t]$/;
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=/;
/** Words behind which another command begins. */
const LEADING = new Set("if then elif else while until do ! fi done esac begin and or not".split(" "));
/** What follows these on their line is no command. */
const HEADS = new Set(["for", "foreach", "select", "case", "function"]);

/** Scans one text; what it finds goes into `findings`. */
export function scanShell(text: string, findings: ScanFindings, depth = 0): void {
  if (depth > MAX_DEPTH) note(findings, "is nested too deep");
  else if (/[\u0000\u0001]/.test(text)) note(findings, "has control characters");
  else if (text.length > MAX_LENGTH) note(findings, `has more than ${MAX_LENGTH} characters`);
  else new ShellScanner(text, { findings, depth, hasDocuments: text.includes("<<") }).scanList(undefined);
}

function note(findings: ScanFindings, why: string): void {
  findings.unclear ??= why;
}

interface Scan {
  readonly findings: ScanFindings;
  readonly depth: number;
  /** Somewhere in the whole text, looked for once. */
  readonly hasDocuments: boolean;
}

class ShellScanner {
  readonly #text: string;
  readonly #scan: Scan;
  readonly #reader: WordScanner;
  #words: ShellWord[] = [];
  /** Here-documents whose bodies begin on the next line. */
  #hereDocuments: { readonly delimiter: string; readonly isLiteral: boolean; readonly isIndented: boolean }[] = [];

  constructor(text: string, scan: Scan) {
    this.#text = text;
    this.#scan = scan;
    this.#reader = new WordScanner(text, {
      scanWithin: (inner, closing) => this.#scanWithin(inner, closing),
      note: (why) => this.#note(why),
    });
  }

  /** Commands up to the end, or to the bracket that closes what they stand in. */
  scanList(closing: ")" | undefined): void {
    let open = 0;
    while (this.#reader.at < this.#text.length) {
      const character = this.#reader.next;
      if (character === ")") {
        this.#endCommand();
        if (open === 0 && closing === ")") return;
        // Those of `case` patterns close nothing.
        open = Math.max(0, open - 1);
        this.#reader.at += 1;
      } else if (character === "(") {
        this.#endCommand();
        this.#checkArithmetic();
        open += 1;
        this.#reader.at += 1;
      } else if (character === "\n") {
        this.#endCommand();
        this.#reader.at += 1;
        this.#passHereDocuments();
      } else if (character === "#") {
        // Words take those that stand inside of them.
        this.#passComment();
      } else this.#scanPart(character);
    }
    this.#endCommand();
    if (this.#hereDocuments.length > 0) this.#note("has a here-document without an end");
    if (closing !== undefined || open > 0) this.#note("has brackets that are not closed");
  }

  #scanPart(character: string): void {
    const following = this.#text[this.#reader.at + 1] ?? "";
    if (BLANK.test(character)) this.#reader.at += 1;
    else if (character === "\\" && following === "\n") this.#reader.at += 2;
    else if (character === "&" && following === ">") {
      this.#reader.at += 1;
      this.#scanRedirection();
    } else if (character === ";" || character === "&" || character === "|") {
      this.#endCommand();
      this.#reader.at += 1;
    } else if ((character === "<" || character === ">") && following === "(") {
      this.#words.push(this.#reader.scanWord());
    } else if (character === "<" || character === ">") this.#scanRedirection();
    else this.#pushWord();
  }

  #pushWord(): void {
    const start = this.#reader.at;
    const word = this.#reader.scanWord();
    const raw = this.#text.slice(start, this.#reader.at);
    if (this.#hereDocuments.length > 0 && raw.includes("\n")) {
      this.#note("goes on behind a line on which a here-document begins");
    }
    const isDescriptor = /^(?:\d+|\{\w+\})$/.test(raw);
    // `2>` has no word of its own.
    if (isDescriptor && (this.#reader.next === "<" || this.#reader.next === ">")) return;
    const isGroup = !word.isQuoted && (word.text === "{" || word.text === "}");
    if (isGroup) this.#endCommand();
    else this.#words.push(word);
  }

  /** Shells differ on what `((` is, and `<<` in it is no here-document: what seems to be the body of one is run. */
  #checkArithmetic(): void {
    const isArithmetic = this.#text.startsWith("((", this.#reader.at);
    if (isArithmetic && this.#scan.hasDocuments) this.#note("has arithmetic with << in it");
  }

  #passComment(): void {
    const end = this.#text.indexOf("\n", this.#reader.at);
    this.#reader.at = end < 0 ? this.#text.length : end;
  }

  #scanRedirection(): void {
    const operator =
      /^(?:<<<|<<-|<<|<>|<&|<|>>|>\||>&|>)/.exec(this.#text.slice(this.#reader.at, this.#reader.at + 3))?.[0] ?? "";
    this.#reader.at += Math.max(1, operator.length);
    while (BLANK.test(this.#reader.next)) this.#reader.at += 1;
    if (BREAKS.has(this.#reader.next) && !["<", ">"].includes(this.#reader.next)) {
      this.#note("has a redirection to nothing");
      return;
    }
    const target = this.#reader.scanWord();
    if (operator !== "<<" && operator !== "<<-") return;
    // `a[1<<X]=2` is an assignment, and what follows is no here-document.
    if (this.#words.some(({ text }) => text.includes(ANY_NAME))) this.#note("has a pattern before a here-document");
    this.#hereDocuments.push({
      delimiter: target.text,
      isLiteral: target.isQuoted,
      isIndented: operator === "<<-",
    });
  }

  #passHereDocuments(): void {
    for (const { delimiter, isLiteral, isIndented } of this.#hereDocuments.splice(0)) {
      const body: string[] = [];
      for (let isEnd = false; !isEnd; ) {
        if (this.#reader.at >= this.#text.length) {
          this.#note("has a here-document without an end");
          return;
        }
        const end = this.#text.indexOf("\n", this.#reader.at);
        const line = this.#text.slice(this.#reader.at, end < 0 ? this.#text.length : end);
        this.#reader.at = end < 0 ? this.#text.length : end + 1;
        isEnd = (isIndented ? line.replace(/^\t+/, "") : line) === delimiter;
        if (!isEnd) body.push(line);
      }
      this.#scan.findings.documents.push(body.join("\n"));
      // Without quotes round its delimiter a body's substitutions are run; quotes are nothing special in it.
      if (!isLiteral) this.#scanExpansions(body.join("\n"));
    }
  }

  #scanExpansions(text: string): void {
    const scanWithin = (inner: string, closing: ")" | undefined) => this.#scanWithin(inner, closing);
    new WordScanner(text, { scanWithin, note: (why) => this.#note(why) }).scanDoubleQuoted(undefined);
  }

  #scanWithin(text: string, closing: ")" | undefined): number {
    if (this.#scan.depth >= MAX_DEPTH) {
      this.#note("is nested too deep");
      return text.length;
    }
    const scanner = new ShellScanner(text, { ...this.#scan, depth: this.#scan.depth + 1 });
    scanner.scanList(closing);
    return scanner.#reader.at;
  }

  #endCommand(): void {
    const words = this.#words;
    this.#words = [];
    const isOwn = (word: ShellWord | undefined, own: ReadonlySet<string>) =>
      word !== undefined && !word.isQuoted && own.has(word.text);
    let start = 0;
    while (isOwn(words[start], LEADING)) start += 1;
    if (isOwn(words[start], HEADS)) {
      // The brackets of its patterns cannot be told from the one that ends a substitution.
      if (words[start]?.text === "case" && this.#scan.depth > 0) this.#note("has a case inside of a substitution");
      return;
    }
    while (ASSIGNMENT.test(words[start]?.text ?? "")) start += 1;
    const command = words.slice(start);
    if (command.length === 0) return;
    if (this.#scan.findings.commands.length >= MAX_COMMANDS) this.#note("has too many commands");
    else this.#scan.findings.commands.push({ words: command });
  }

  #note(why: string): void {
    note(this.#scan.findings, why);
  }
}
