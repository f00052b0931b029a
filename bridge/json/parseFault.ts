/** Owns how it is told where a text is no valid JSON, and why. */
import { type ParseError, printParseErrorCode } from "jsonc-parser/lib/esm/main.js";

/** `not valid JSON at line 2, column 5: close bracket expected`. */
export function describeParseFault(text: string, { error, offset }: ParseError): string {
  return `not valid JSON at ${position(text, offset)}: ${inWords(printParseErrorCode(error))}`;
}

/** `PropertyNameExpected` as `property name expected`. */
function inWords(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
