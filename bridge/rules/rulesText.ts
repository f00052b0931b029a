/** Owns changing one rule in the text of `rules.json`: what people wrote round it, their remarks and their spacing, stays. */
import { type Node, parseTree } from "jsonc-parser/lib/esm/main.js";
import type { Rule } from "../../shared/protocol/rules.ts";

const SYNTAX = { allowTrailingComma: true };

/** A name that one object has twice: readers differ on which of the two counts, and so would people. */
export function findNameGivenTwice(text: string): string | undefined {
  return nameGivenTwice(parseTree(text, [], SYNTAX));
}

function nameGivenTwice(node: Node | undefined): string | undefined {
  const names = new Set<unknown>();
  for (const child of node?.children ?? []) {
    const name: unknown = node?.type === "object" ? child.children?.[0]?.value : undefined;
    if (names.has(name) && typeof name === "string") return name;
    names.add(name);
    const inner = nameGivenTwice(child);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** The text with one more rule, in front of all others; the text is one that was found good. */
export function withRule(text: string, rule: Rule): string {
  const root = parseTree(text, [], SYNTAX);
  const list = rulesNode(root);
  const entry = written(rule);
  if (list === undefined) {
    const start = (root?.offset ?? 0) + 1;
    const isEmpty = (root?.children ?? []).length === 0;
    return splice(text, start, start, `\n  "rules": [\n    ${entry}\n  ]${isEmpty ? "\n" : ","}`);
  }
  const start = list.offset + 1;
  const first = list.children?.[0];
  if (first === undefined) {
    const inside = text.slice(start, list.offset + list.length - 1);
    const indent = indentOf(text, list.offset);
    const end = start + inside.length;
    return splice(text, start + inside.trimEnd().length, end, `\n${indent}  ${entry}\n${indent}`);
  }
  const indent = indentOf(text, first.offset);
  const isOwnLine = first.offset - indent.length === lineStart(text, first.offset);
  if (!isOwnLine) return splice(text, start, start, `${entry}, `);
  const place = behindRemark(text, start);
  return splice(text, place, place, `\n${indent}${entry},`);
}

/** The text without one of its rules; remarks stay. */
export function withoutRule(text: string, index: number): string {
  const rules = rulesNode(parseTree(text, [], SYNTAX))?.children ?? [];
  const node = rules[index];
  if (node === undefined) return text;
  const end = node.offset + node.length;
  const comma = commaBehind(text, end);
  const before = rules[index - 1];
  const commaBefore = before === undefined ? undefined : commaBehind(text, before.offset + before.length);
  if (comma === undefined && commaBefore !== undefined) {
    return splice(cut(text, node.offset, end), commaBefore, commaBefore + 1, "");
  }
  if (comma === undefined || comma === end) return cut(text, node.offset, comma === undefined ? end : comma + 1);
  return cut(splice(text, comma, comma + 1, ""), node.offset, end);
}

function rulesNode(root: Node | undefined): Node | undefined {
  const property = root?.children?.find(({ children }) => children?.[0]?.value === "rules");
  return property?.children?.[1];
}

/** On one line, as people write rules. */
function written(rule: Rule): string {
  const fields = Object.entries(rule).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{ ${fields.join(", ")} }`;
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Takes the line along, where nothing else is on it. */
function cut(text: string, start: number, end: number): string {
  const from = lineStart(text, start);
  const isAlone = text.slice(from, start).trim() === "" && /^[ \t]*\r?\n/.test(text.slice(end));
  return isAlone ? splice(text, from, text.indexOf("\n", end) + 1, "") : splice(text, start, end, "");
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

function indentOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? "";
}

const BLANKS_AND_REMARKS = /^(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/;

function commaBehind(text: string, offset: number): number | undefined {
  const at = offset + (BLANKS_AND_REMARKS.exec(text.slice(offset))?.[0].length ?? 0);
  return text[at] === "," ? at : undefined;
}

/** Behind a remark on the same line, which is about what stands before it. */
function behindRemark(text: string, offset: number): number {
  const remark = /^[ \t]*(?:\/\*[^\r\n]*?\*\/[ \t]*)*(?:\/\/[^\r\n]*)?/.exec(text.slice(offset));
  return offset + (remark?.[0].trimEnd().length ?? 0);
}
