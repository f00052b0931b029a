/** Owns what stands between the values of a JSON text: white space, comments and commas. */
import { createScanner } from "jsonc-parser/lib/esm/main.js";
import type { Node } from "./document.ts";

/** As the scanner numbers them; its enumeration exists for the type checker alone. */
const COMMA = 5;
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const LINE_BREAK = 14;

interface Token {
  readonly kind: "comma" | "line comment" | "block comment" | "line break" | "space";
  readonly offset: number;
  readonly end: number;
}

/** What is between two places that no value lies between. */
function* tokens(text: string, from: number, to: number): Generator<Token> {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  while (scanner.getPosition() < to) {
    const kind = kindOf(scanner.scan());
    yield { kind, offset: scanner.getTokenOffset(), end: scanner.getPosition() };
  }
}

function kindOf(kind: number): Token["kind"] {
  if (kind === COMMA) return "comma";
  if (kind === LINE_COMMENT) return "line comment";
  if (kind === BLOCK_COMMENT) return "block comment";
  return kind === LINE_BREAK ? "line break" : "space";
}

/** Where the comma between two places is. */
export function commaBetween(text: string, from: number, to: number): number | undefined {
  for (const { kind, offset } of tokens(text, from, to)) if (kind === "comma") return offset;
  return undefined;
}

/** The end of what is said on the same line behind a place: the comments that belong to it. */
export function endOfRemarks(text: string, from: number, to: number): number {
  let end = from;
  for (const token of tokens(text, from, to)) {
    if (token.kind === "line break") break;
    if (token.kind === "block comment" && text.slice(token.offset, token.end).includes("\n")) break;
    if (token.kind === "line comment" || token.kind === "block comment") end = token.end;
  }
  return end;
}

/** Whether a place is within reach of a line comment: what is put there without a line break becomes part of it. */
export function endsInLineComment(text: string, from: number, to: number): boolean {
  let isComment = false;
  for (const { kind } of tokens(text, from, to)) {
    if (kind === "line comment") isComment = true;
    if (kind === "line break") isComment = false;
  }
  return isComment;
}

/** Behind the opening bracket. */
export function innerStart(container: Node): number {
  return container.offset + 1;
}

/** Before the closing bracket. */
export function innerEnd(container: Node): number {
  return container.offset + container.length - 1;
}

export function endOf(node: Node): number {
  return node.offset + node.length;
}
