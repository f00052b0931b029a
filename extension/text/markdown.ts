/** Owns putting text from outside into Markdown: every character of it is shown as itself. */

// CommonMark lets a backslash stand before any ASCII punctuation; with all of it escaped no link, image, code or HTML is left.
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

const MAX_VALUE_LENGTH = 2000;
const MAX_CODE_LINES = 30;

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

/** Text as it stands, line by line; cut where a tooltip would be of no use any more. No run of backticks in it ends it. */
export function codeBlock(text: string, language: "shellscript" | "diff" | "text"): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const shown = lines.slice(0, MAX_CODE_LINES).join("\n").slice(0, MAX_VALUE_LENGTH);
  const left = lines.length - shown.split("\n").length;
  const longestRun = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longestRun + 1));
  const more = left > 0 ? `\n\n… and ${left} more lines: Show Approval has them all` : "";
  return `${fence}${language}\n${shown}\n${fence}${more}`;
}
