/** Owns reading VS Code's own figures of activation out of its report ("Developer: Startup Performance"). */

/**
 * Each part comes after the part before: their sum is what an extension costs. Whole milliseconds. What "Developer: Show
 * Running Extensions" shows as the activation is the first two together.
 */
export interface ActivationTimes {
  readonly codeLoadingMs: number;
  /** The call of `activate` itself, until it returns. */
  readonly activateCallMs: number;
  /** From its return until the promise that it returned is resolved. */
  readonly activateResolvedMs: number;
}

const COLUMNS = { codeLoadingMs: "Load Code", activateCallMs: "Call Activate", activateResolvedMs: "Finish Activate" };

/** By extension id; empty where the report has no such table, or not yet. */
export function parseActivationTimes(report: string): ReadonlyMap<string, ActivationTimes> {
  const [, section = ""] = report.split("## Extension Activation Stats");
  const [header = [], , ...rows] = tableOf(section);
  const column = (row: readonly string[], title: string) => {
    const text = row[header.indexOf(title)];
    if (!text || !Number.isFinite(Number(text))) throw new Error(`No figure of "${title}" in: ${row.join(" | ")}`);
    // -1 stands for a part that an extension does not have.
    return Math.max(0, Number(text));
  };
  return new Map(
    rows.map((row) => [
      row[header.indexOf("Extension")] ?? "",
      {
        codeLoadingMs: column(row, COLUMNS.codeLoadingMs),
        activateCallMs: column(row, COLUMNS.activateCallMs),
        activateResolvedMs: column(row, COLUMNS.activateResolvedMs),
      },
    ]),
  );
}

/** From the start of loading an extension's code until it was active. */
export function totalActivationMs(times: ActivationTimes): number {
  return times.codeLoadingMs + times.activateCallMs + times.activateResolvedMs;
}

/** The cells of the first Markdown table, row by row: its titles, the line below them, its rows. */
function tableOf(text: string): readonly (readonly string[])[] {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => line.startsWith("|"));
  if (first < 0) return [];
  const after = lines.findIndex((line, index) => index > first && !line.startsWith("|"));
  return lines.slice(first, after < 0 ? undefined : after).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
