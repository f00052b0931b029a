/** Owns what the lines of a text are. */

/** Lines as people count them: a line end at the end of a text begins no further line. */
export function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
