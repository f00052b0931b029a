/** Owns reading a JSON settings file so that it can be edited in place: its tree, its indentation, its line ends. */
import { getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser/lib/esm/main.js";
import { describeParseFault } from "../../../json/parseFault.ts";
import { SettingsError } from "../settingsError.ts";

export type { Node } from "jsonc-parser/lib/esm/main.js";

export interface JsonDocument {
  /** All of it, with its byte order mark if it has one. */
  readonly text: string;
  /** The object that the file is; undefined where there is nothing but white space. */
  readonly root: Node | undefined;
  /** Where something is written into a file that has nothing in it yet. */
  readonly start: number;
  readonly lineEnd: string;
  /** One step of indentation. */
  readonly indent: string;
}

const BYTE_ORDER_MARK = "\ufeff";
const DEFAULT_INDENT = "  ";

/**
 * Takes comments and trailing commas as they come.
 *
 * @throws SettingsError where it is not JSON, or no object; it names the line and the column.
 */
export function parseDocument(text: string): JsonDocument {
  const start = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  // Spaces in its place: offsets in the tree are offsets in the text.
  const json = " ".repeat(start) + text.slice(start);
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? "\n";
  if (json.trim() === "") return { text, root: undefined, start, lineEnd, indent: DEFAULT_INDENT };
  const root = parseRoot(json);
  if (root.type !== "object") throw new SettingsError(`it holds ${nameOf(root)} where settings are an object`);
  return { text, root, start, lineEnd, indent: indentOf(text, root) };
}

function parseRoot(json: string): Node {
  const errors: ParseError[] = [];
  const root = parseOrRefuse(json, errors);
  const [first] = errors;
  if (first !== undefined) throw new SettingsError(`it is ${describeParseFault(json, first)}`);
  if (root === undefined) throw new SettingsError("it is not valid JSON: nothing but comments is in it");
  return root;
}

function parseOrRefuse(json: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(json, errors, { allowTrailingComma: true, disallowComments: false });
  } catch (error) {
    // The parser calls itself once a level, and the stack ends somewhere.
    if (error instanceof RangeError)
      throw new SettingsError("its objects are nested too deeply to read", { cause: error });
    throw error;
  }
}

/** What a value is, for people. */
export function nameOf(node: Node): string {
  if (node.type === "null") return "null";
  return node.type === "object" || node.type === "array" ? `an ${node.type}` : `a ${node.type}`;
}

/** The step from the root to its first property that has a line of its own. */
function indentOf(text: string, root: Node): string {
  const own = root.children?.map(({ offset }) => ownIndent(text, offset)).find((indent) => indent !== undefined);
  return own === undefined || own === "" ? DEFAULT_INDENT : own;
}

/** The white space before something that begins its line; undefined for what does not. */
export function ownIndent(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

/** The indentation of the line that something is in. */
export function lineIndent(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? "";
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The property of this name that counts: where there are several, readers of JSON take the last. */
export function property(object: Node, name: string): Node | undefined {
  return properties(object).findLast((each) => keyOf(each) === name);
}

export function properties(object: Node): readonly Node[] {
  return object.type === "object" ? (object.children ?? []) : [];
}

export function keyOf(propertyNode: Node): string {
  const key: unknown = propertyNode.children?.[0]?.value;
  return typeof key === "string" ? key : "";
}

/** The value of a property. */
export function propertyValue(propertyNode: Node): Node {
  const value = propertyNode.children?.[1];
  // The tree of a text without errors has one.
  if (value === undefined) throw new Error(`The property at ${propertyNode.offset} has no value`);
  return value;
}

/** The value that a part of the file stands for. */
export function toValue(node: Node): unknown {
  return getNodeValue(node);
}
