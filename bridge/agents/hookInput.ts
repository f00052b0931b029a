/** Owns reading what an agent wrote: every field may be missing, of another type, or as long as somebody likes. */
import { isAbsolute } from "node:path";

export type HookInput = Readonly<Record<string, unknown>>;

/** Whether the agent waits for an answer. The same for all of them: it has to be known before their own files read the rest. */
export function asksPermission({ hook_event_name: name }: HookInput): boolean {
  return name === "PermissionRequest";
}

export function isRecord(value: unknown): value is HookInput {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that says something; undefined where there is none. */
export function textIn(input: HookInput, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** An object; empty where there is none. */
export function recordIn(input: HookInput, name: string): HookInput {
  const value = input[name];
  return isRecord(value) ? value : {};
}

export function listIn(input: HookInput, name: string): readonly unknown[] {
  const value = input[name];
  return Array.isArray(value) ? value : [];
}

export function numberIn(input: HookInput, name: string): number | undefined {
  const value = input[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A folder or file by its whole path; anything else could mean any place. */
export function absolutePathIn(input: HookInput, name: string): string | undefined {
  const value = textIn(input, name);
  return value !== undefined && isAbsolute(value) && !value.includes("\0") ? value : undefined;
}

/** The beginning of a text, with a word on what was left out. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Half a character, where the cut went through one, is none.
  const head = text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "");
  return `${head}\n… and ${text.length - head.length} more characters`;
}
