/** Owns how figures are printed for people. */
import { type Figure, reachesBar } from "./benchmark.ts";

export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [figure.what, formatValue(figure), formatRange(figure), formatBar(figure)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row, index) => {
    const [what = "", value = "", range = "", bar = ""] = row;
    const line = `  ${what.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${range.padEnd(widths[2] ?? 0)}  ${bar}`;
    const note = figures[index]?.note;
    return note === undefined ? line.trimEnd() : `${line.trimEnd()}\n      ${note}`;
  });
  return lines.join("\n");
}

function formatValue({ value, unit }: Figure): string {
  return `${formatNumber(value)} ${unit}`;
}

function formatRange({ samples }: Figure): string {
  if (samples === undefined || samples.length < 2) return "";
  return `(${formatNumber(Math.min(...samples))} to ${formatNumber(Math.max(...samples))} in ${samples.length})`;
}

function formatBar(figure: Figure): string {
  const { bar } = figure;
  if (bar === undefined) return "";
  const text = "atLeast" in bar ? `at least ${bar.atLeast}` : `at most ${bar.atMost}`;
  return `bar: ${text} ${reachesBar(figure) ? "passed" : "MISSED"}`;
}

function formatNumber(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}
