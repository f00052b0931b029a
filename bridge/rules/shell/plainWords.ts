/**
 * Owns reading a shell command that is nothing but words. It says what words a shell would make of a text, and says nothing
 * at all where the shell would do anything else with it: run a second command, put something in a word's place, write a
 * file. An allow rule rests on it, so whatever is not certainly plain is no plain command.
 */

/** Unquoted, these are a shell's own, somewhere in a word: operators, expansions, globs (zsh's too), comments, history. */
const ACTIVE: ReadonlySet<string> = new Set("|&;<>()$`\\*?[]{}~#!^");

/** These are so only where a word begins, and in the command's own word: assignments, zsh's `=name`, jobs. */
const ACTIVE_IN_FRONT: ReadonlySet<string> = new Set("=%");

/** Such characters are no part of a word that a person can have read; a line feed would begin another command. */
const UNREADABLE = /[^\u0020-\u007e]/;

/**
 * First words that are the shell's own and not a program's name, or that a shell reads more in than words: `printf -v 'a[$(x)]'`
 * runs x, quoted as it is. What only prints, or goes to another folder, is left out.
 */
const SHELL_WORDS: ReadonlySet<string> = new Set(
  (
    "if then elif else fi for while until do done case esac select function time coproc in foreach repeat end noglob nocorrect - " +
    "alias unalias builtin command eval exec source . trap set shopt setopt unsetopt emulate enable disable hash unhash rehash " +
    "export declare typeset local readonly unset let integer float private nameref functions autoload zmodload " +
    "printf print test [ [[ read vared wait mapfile readarray getopts zparseopts jobs fg bg disown suspend kill " +
    "compgen complete compopt compctl bind bindkey zle zstyle zcompile zformat sched fc history r shift return exit logout break " +
    "continue ulimit limit unlimit umask caller times pushd popd dirs getln"
  ).split(" "),
);

/** The words that a shell would run, or undefined where it would do more than run one command with literal words. */
export function readPlainWords(text: string): readonly string[] | undefined {
  if (UNREADABLE.test(text)) return undefined;
  const words: string[] = [];
  let position = 0;
  while (position < text.length) {
    if (text[position] === " ") {
      position += 1;
      continue;
    }
    const word = readWord(text, position, words.length === 0);
    if (word === undefined) return undefined;
    words.push(word.value);
    position = word.end;
  }
  const [first] = words;
  if (first === undefined || first === "" || SHELL_WORDS.has(first)) return undefined;
  return words;
}

function readWord(text: string, start: number, isCommand: boolean): { value: string; end: number } | undefined {
  let value = "";
  let position = start;
  while (position < text.length) {
    const character = text[position] ?? "";
    if (character === " ") break;
    if (character === "'" || character === '"') {
      const end = text.indexOf(character, position + 1);
      if (end === -1) return undefined;
      const quoted = text.slice(position + 1, end);
      // In double quotes these are still the shell's; `!` is where history is kept.
      if (character === '"' && /[$`\\!]/.test(quoted)) return undefined;
      value += quoted;
      position = end + 1;
      continue;
    }
    if (ACTIVE.has(character)) return undefined;
    if (ACTIVE_IN_FRONT.has(character) && (isCommand || position === start)) return undefined;
    value += character;
    position += 1;
  }
  return { value, end: position };
}
