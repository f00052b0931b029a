/** Owns reading a length of time as people write it in a chat: `90m`, `2h`, `1d`. Pure. */

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 365 * 86_400_000;

/** Milliseconds; undefined for what is no length of time. A bare number counts minutes. */
export function parseDurationMs(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([smhd]?)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const ms = Number(digits) * (UNITS[(unit || "m").toLowerCase()] ?? 0);
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}
