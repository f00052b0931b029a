/**
 * Owns finding every command that a shell text may run, for rules that deny or ask: they had better see one too many. It
 * looks behind operators, into substitutions and quotes, and through commands that run another one.
 */

export interface NamedCommands {
  /** Each as its words, quotes and backslashes removed. */
  readonly commands: readonly (readonly string[])[];
  /** Whether all of it could be followed: where it could not, nothing may be allowed. */
  readonly isUnderstood: boolean;
}

/** Substitutions in substitutions, shells in shells. */
const MAX_DEPTH = 8;
const MAX_COMMANDS = 1000;

/** Commands that run what their further words say; some take options and assignments before it. */
const WRAPPERS: ReadonlySet<string> = new Set(
  "env sudo doas nohup nice ionice setsid stdbuf timeout time command builtin exec xargs busybox chroot unshare nsenter strace watch parallel flock su find then do else if while until ! {".split(
    " ",
  ),
);

/** Commands that read another text as a shell's. */
const SHELLS: ReadonlySet<string> = new Set("sh bash dash zsh ksh ash fish eval source .".split(" "));

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*\+?=/;

export function findCommands(text: string): NamedCommands {
  const found = new CommandFinder();
  found.read(text, 0);
  return found;
}

class CommandFinder implements NamedCommands {
  readonly commands: string[][] = [];
  isUnderstood = true;

  read(text: string, depth: number): void {
    if (depth > MAX_DEPTH) {
      this.isUnderstood = false;
      return;
    }
    const { commands, inner, isBalanced } = splitCommands(text);
    if (!isBalanced) this.isUnderstood = false;
    for (const words of commands) this.#take(words, depth);
    for (const each of inner) this.read(each, depth + 1);
  }

  #take(words: readonly string[], depth: number): void {
    const start = words.findIndex((word) => !ASSIGNMENT.test(word));
    if (start === -1) return;
    if (this.commands.length >= MAX_COMMANDS) {
      this.isUnderstood = false;
      return;
    }
    const [first = "", ...others] = words.slice(start);
    const name = basename(first);
    this.commands.push([name, ...others]);
    // A name that is put together as it runs may be anybody's.
    if (/[$`*?[\]{}~]/.test(first)) this.isUnderstood = false;
    if (SHELLS.has(name)) {
      // Which word is the text depends on the options: each may be.
      for (const word of others) if (!word.startsWith("-")) this.read(word, depth + 1);
      if (others.length === 0) this.isUnderstood = false;
    }
    if (!WRAPPERS.has(name)) return;
    // Where its own options end depends on the wrapper: the command may begin at each further word.
    others.forEach((_word, index) => {
      const rest = others.slice(index);
      if (!rest[0]?.startsWith("-")) this.#take(rest, depth);
    });
  }
}

function basename(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1);
}

interface SplitText {
  readonly commands: readonly (readonly string[])[];
  /** What stands in substitutions, and in quotes that a later command might read as a shell's text. */
  readonly inner: readonly string[];
  readonly isBalanced: boolean;
}

/** Cuts a text at everything that may end a command; quotes and backslashes go, what they held stays. */
function splitCommands(text: string): SplitText {
  const commands: string[][] = [];
  const inner: string[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let isBalanced = true;
  /** The word that comes is a file's name, and none of the command. */
  let isRedirected = false;
  const endWord = () => {
    if (word === undefined) return;
    if (!isRedirected) words.push(word);
    isRedirected = false;
    word = undefined;
  };
  const endCommand = () => {
    endWord();
    isRedirected = false;
    if (words.length > 0) commands.push(words);
    words = [];
  };
  const addSubstitution = (start: number, open: number): number => {
    const end = closingOf(text, open);
    if (end === undefined) isBalanced = false;
    const stop = end ?? text.length;
    inner.push(text.slice(open + 1, stop));
    word = (word ?? "") + text.slice(start, stop + 1);
    return stop;
  };

  for (let position = 0; position < text.length; position++) {
    const character = text[position] ?? "";
    const next = text[position + 1];
    if (character === "\\") {
      // A line that goes on is one line.
      if (next !== "\n") word = (word ?? "") + (next ?? "");
      position += 1;
    } else if (character === "'") {
      const end = text.indexOf("'", position + 1);
      if (end === -1) isBalanced = false;
      const stop = end === -1 ? text.length : end;
      word = (word ?? "") + text.slice(position + 1, stop);
      position = stop;
    } else if (character === '"') {
      const quoted = readDoubleQuotes(text, position + 1);
      if (!quoted.isClosed) isBalanced = false;
      word = (word ?? "") + quoted.value;
      inner.push(...quoted.inner);
      position = quoted.end;
    } else if (character === "`") {
      const end = text.indexOf("`", position + 1);
      if (end === -1) isBalanced = false;
      const stop = end === -1 ? text.length : end;
      inner.push(text.slice(position + 1, stop));
      word = (word ?? "") + text.slice(position, stop + 1);
      position = stop;
    } else if ("$<>".includes(character) && next === "(") {
      position = addSubstitution(position, position + 1);
    } else if (character === "$" && (next === "'" || next === '"')) {
      // `$'…'` may spell any character by its number.
      isBalanced = false;
    } else if (character === "#" && word === undefined) {
      const end = text.indexOf("\n", position);
      position = (end === -1 ? text.length : end) - 1;
    } else if (
      isOperator(character) &&
      !(character === "&" && isRedirected) &&
      !(isBrace(character) && word !== undefined)
    ) {
      endCommand();
    } else if (/\s/.test(character)) {
      endWord();
    } else if (character === "<" || character === ">") {
      // A here-document may be a shell's text.
      if (character === "<" && next === "<") isBalanced = false;
      // Which of the open files, as in `2>`.
      if (word !== undefined && /^\d+$/.test(word)) word = undefined;
      endWord();
      isRedirected = true;
    } else {
      word = (word ?? "") + character;
    }
  }
  endCommand();
  return { commands, inner, isBalanced };
}

function isOperator(character: string): boolean {
  return ";|&()\n\r{}".includes(character);
}

function isBrace(character: string): boolean {
  return character === "{" || character === "}";
}

/** The parenthesis that closes the one at `open`; quotes in between are passed over as well as can be. */
function closingOf(text: string, open: number): number | undefined {
  let depth = 0;
  let quote = "";
  for (let position = open; position < text.length; position++) {
    const character = text[position] ?? "";
    if (character === "\\" && quote !== "'") position += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth += 1;
    else if (character === ")" && --depth === 0) return position;
  }
  return undefined;
}

function readDoubleQuotes(text: string, start: number) {
  const inner: string[] = [];
  let value = "";
  for (let position = start; position < text.length; position++) {
    const character = text[position] ?? "";
    if (character === '"') return { value, inner, end: position, isClosed: true };
    if (character === "\\") {
      position += 1;
      value += text[position] ?? "";
    } else if (character === "$" && text[position + 1] === "(") {
      const end = closingOf(text, position + 1);
      if (end === undefined) return { value, inner, end: text.length, isClosed: false };
      inner.push(text.slice(position + 2, end));
      value += text.slice(position, end + 1);
      position = end;
    } else if (character === "`") {
      const end = text.indexOf("`", position + 1);
      if (end === -1) return { value, inner, end: text.length, isClosed: false };
      inner.push(text.slice(position + 1, end));
      position = end;
    } else {
      value += character;
    }
  }
  return { value, inner, end: text.length, isClosed: false };
}
