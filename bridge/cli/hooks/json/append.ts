/** Owns adding a value to an object or an array of a JSON text as its last one, in the style of what is there. */
import { type JsonDocument, lineIndent, type Node, ownIndent } from "./document.ts";
import { type Edit, insertAt } from "./edit.ts";
import { commaBetween, endOf, endOfRemarks, innerEnd, innerStart } from "./trivia.ts";

export interface Addition {
  /** The key, in an object. */
  readonly key?: string;
  readonly value: unknown;
}

/** Adds to a container; an addition to what has no line break in it gets none either. */
export function append(document: JsonDocument, container: Node, additions: readonly Addition[]): readonly Edit[] {
  if (additions.length === 0) return [];
  const { text } = document;
  const last = container.children?.at(-1);
  if (last === undefined) return [intoEmpty(document, container, additions)];
  const comma = commaBetween(text, endOf(last), innerEnd(container));
  const behind = comma === undefined ? endOf(last) : comma + 1;
  const indent = ownIndent(text, container.children?.[0]?.offset ?? 0);
  if (indent === undefined) return [insertAt(behind, inline(text, additions, comma !== undefined))];

  const separator = document.lineEnd + indent;
  const pieces = additions.map((addition) => spread(document, addition, indent));
  const added = `${separator}${pieces.join(`,${separator}`)}${comma === undefined ? "" : ","}`;
  const place = endOfRemarks(text, behind, innerEnd(container));
  return [...(comma === undefined ? [insertAt(behind, ",")] : []), insertAt(place, added)];
}

/** Writes the first object into a file that has none. */
export function writeObject(document: JsonDocument, value: unknown): Edit {
  return insertAt(document.start, spread(document, { value }, "") + document.lineEnd);
}

function intoEmpty(document: JsonDocument, container: Node, additions: readonly Addition[]): Edit {
  const { text, lineEnd, root } = document;
  // A document in one line stays in one, unless nothing at all is in it.
  const isOneLine = container !== root && !text.trim().includes("\n");
  if (isOneLine) return insertAt(innerStart(container), additions.map((each) => compact(each, text)).join(comma(text)));
  const place = endOfRemarks(text, innerStart(container), innerEnd(container));
  const outer = lineIndent(text, container.offset);
  const separator = lineEnd + outer + document.indent;
  const pieces = additions.map((addition) => spread(document, addition, outer + document.indent));
  const hasOwnEnd = text.slice(place, innerEnd(container)).includes("\n");
  return insertAt(place, `${separator}${pieces.join(`,${separator}`)}${hasOwnEnd ? "" : lineEnd + outer}`);
}

function inline(text: string, additions: readonly Addition[], hasTrailingComma: boolean): string {
  const pieces = additions.map((addition) => compact(addition, text)).join(comma(text));
  // The comma that is there already parts it from its neighbour.
  return hasTrailingComma ? `${comma(text).slice(1)}${pieces},` : comma(text) + pieces;
}

function comma(text: string): string {
  return isAiry(text) ? ", " : ",";
}

/** `{"a": 1}`, not `{"a":1}`. */
function isAiry(text: string): boolean {
  return /":\s/.test(text);
}

function compact({ key, value }: Addition, text: string): string {
  const json = isAiry(text) ? spaced(value) : JSON.stringify(value);
  return key === undefined ? json : `${JSON.stringify(key)}:${isAiry(text) ? " " : ""}${json}`;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`);
  return `{${entries.join(", ")}}`;
}

/** A line each, indented from the second one on. */
function spread({ indent, lineEnd }: JsonDocument, { key, value }: Addition, outer: string): string {
  const json = JSON.stringify(value, null, indent).replaceAll("\n", lineEnd + outer);
  return key === undefined ? json : `${JSON.stringify(key)}: ${json}`;
}

/** What a value is replaced with, in the style of what it replaces. */
export function replacement(document: JsonDocument, node: Node, value: unknown): Edit {
  const { text } = document;
  const isOneLine = !text.slice(node.offset, endOf(node)).includes("\n");
  const content = isOneLine ? compact({ value }, text) : spread(document, { value }, lineIndent(text, node.offset));
  return { offset: node.offset, length: node.length, content };
}
