/** Owns writing words for a shell, and reading a plain command line back into its words. */

/** Needs no quotes in any shell that an agent runs its hooks with. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** One word for sh; on Windows for cmd and for Git's bash, which both understand double quotes. */
export function quoteWord(word: string, platform: NodeJS.Platform = process.platform): string {
  if (PLAIN.test(word)) return word;
  // A file name on Windows holds no double quote.
  return platform === "win32" ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** White space, or a piece of a word: in single quotes, in double quotes, behind a backslash, or plain. */
const PIECE = /[ \t]+|'([^']*)'|"((?:[^"\\$`]|\\.)*)"|\\(.)|([^\s'"\\;&|<>()$`#*?[\]{}!]+)/gsy;

/**
 * The words of a simple command. Undefined for what is more than that: several commands, redirections, substitutions,
 * patterns, a quote that does not end.
 */
export function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let end = 0;
  const command = line.trim();
  for (const [piece, single, double, escaped, plain] of command.matchAll(PIECE)) {
    end += piece.length;
    const part = single ?? double?.replace(/\\([$`"\\\n])/g, "$1") ?? escaped ?? plain;
    if (part !== undefined) {
      word = (word ?? "") + part;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (end < command.length) return undefined;
  return word === undefined ? words : [...words, word];
}
