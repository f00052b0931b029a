/**
 * Owns finding single values in a TOML file, as far as Codex's switches need it: truth values and plain strings, in tables, behind
 * dotted keys and in inline tables of one line. What is longer than a line is passed over.
 */

/** One part of a key: in double quotes, in single quotes, or bare. */
const KEY_PART = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+))\s*/y;
const MULTILINE_STRING = /"""[\s\S]*?"""|'''[\s\S]*?'''/g;
const VALUE = /^\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(true|false)\b)/;
/** Pairs of an inline table, up to the next comma outside of quotes. */
const INLINE_PAIR = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^,"'])+/g;

/** The value at a path of keys, as text; undefined where there is none, or one of another form. */
export function tomlValue(text: string, path: readonly string[]): string | undefined {
  const wanted = JSON.stringify(path);
  let table: readonly string[] = [];
  for (const line of text.replace(MULTILINE_STRING, '""').split(/\r?\n/)) {
    const header = /^\s*\[(?!\[)/.exec(line);
    if (header !== null) table = readKey(line, header[0].length)?.parts ?? [];
    // Each of a list of tables has keys of its own, which nobody asks for.
    else if (/^\s*\[\[/.test(line)) table = [""];
    else {
      const found = pairs(line, table, path.length).find(({ key }) => JSON.stringify(key) === wanted);
      if (found !== undefined) return found.value;
    }
  }
  return undefined;
}

interface Pair {
  readonly key: readonly string[];
  readonly value: string;
}

/** What stands deeper than what is wanted is not looked at: tables may be within tables without end. */
function pairs(text: string, table: readonly string[], depth: number): readonly Pair[] {
  const found = readKey(text, 0);
  if (found === undefined || text[found.end] !== "=") return [];
  const key = [...table, ...found.parts];
  if (key.length > depth) return [];
  const rest = text.slice(found.end + 1);
  const inline = /^\s*\{(.*)\}/.exec(rest)?.[1];
  if (inline !== undefined) return (inline.match(INLINE_PAIR) ?? []).flatMap((pair) => pairs(pair, key, depth));
  const [, double, single, truth] = VALUE.exec(rest) ?? [];
  const value = double?.replace(/\\(["\\])/g, "$1") ?? single ?? truth;
  return value === undefined ? [] : [{ key, value }];
}

function readKey(text: string, start: number): { readonly parts: readonly string[]; readonly end: number } | undefined {
  const parts: string[] = [];
  for (let end = start; ; end++) {
    KEY_PART.lastIndex = end;
    const found = KEY_PART.exec(text);
    if (found === null) return undefined;
    parts.push(found[1]?.replace(/\\(["\\])/g, "$1") ?? found[2] ?? found[3] ?? "");
    end = KEY_PART.lastIndex;
    if (text[end] !== ".") return { parts, end };
  }
}
