/** Owns turning what a program printed for a terminal into text for a surface that draws none of its control sequences. */

// ECMA-48: CSI sequences, OSC strings (ended by BEL or ST), and two-byte escapes.
const ESCAPE_SEQUENCES =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[ -/]*[0-~]/g;
// What is left of the control characters, apart from tab.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A line as a terminal would end up showing it: no escape sequences, and of a progress bar's rewrites the last one. */
export function plainLine(line: string): string {
  const text = line.replace(ESCAPE_SEQUENCES, "");
  return collapseCarriageReturns(text).replace(CONTROLS, "");
}

/** A carriage return starts the line again; what stands after the last one that is followed by anything is seen. */
function collapseCarriageReturns(line: string): string {
  if (!line.includes("\r")) return line;
  const rewrites = line.split("\r").filter((part) => part !== "");
  return rewrites.at(-1) ?? "";
}
