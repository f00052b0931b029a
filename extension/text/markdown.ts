/** Owns putting text from outside into Markdown: every character of it is shown as itself. */

// CommonMark lets a backslash stand before any ASCII punctuation; with all of it escaped no link, image, code or HTML is left.
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

const MAX_VALUE_LENGTH = 2000;

export function escapeMarkdown(text: string): string {
  const cut = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
  return cut
    .replace(PUNCTUATION, "\\$&")
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .join("  \n");
}

/** A tooltip: a title in bold, then one line for each fact that there is. */
export function factSheet(title: string, facts: readonly (readonly [name: string, value: string | null])[]): string {
  const lines = facts.flatMap(([name, value]) =>
    value === null || value === "" ? [] : [`${escapeMarkdown(name)}: ${escapeMarkdown(value)}`],
  );
  return [`**${escapeMarkdown(title)}**`, ...lines].join("\n\n");
}
