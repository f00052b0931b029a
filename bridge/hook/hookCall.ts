/** Owns making the call that the bridge is told of from what the agent wrote, so that it fits into one request. */
import { type HookCall, MAX_HOOK_INPUT_DEPTH } from "../../shared/protocol/agentHook.ts";
import { isDeeperThan } from "../../shared/protocol/depth.ts";
import { MAX_BODY_BYTES } from "../../shared/protocol/version.ts";
import type { HookInput } from "./hookInput.ts";

/** Room for what the spool adds to a call, which is delivered as it is. */
const MAX_CALL_BYTES = MAX_BODY_BYTES - 1024;

/** How long a string and a list may be at the first try; each further try takes a quarter of both. */
const FIRST_MAX_CHARACTERS = 256 * 1024;
const FIRST_MAX_ITEMS = 64 * 1024;
const LEAST_CHARACTERS = 256;

export function newCall(input: HookInput): HookCall {
  return { hook_id: newId(), at: new Date().toISOString(), input };
}

/** Too long, or nested too deeply. */
export function isTooLarge(call: HookCall): boolean {
  // First: what is nested ever so deeply cannot be written as JSON.
  return isDeeperThan(call.input, MAX_HOOK_INPUT_DEPTH) || isTooLong(call);
}

function isTooLong(call: HookCall): boolean {
  return Buffer.byteLength(JSON.stringify(call)) > MAX_CALL_BYTES;
}

/**
 * The call without what is nested too deeply, and with its longest strings and lists cut, each saying what is missing; undefined
 * when nothing helps.
 */
export function shorten(call: HookCall): HookCall | undefined {
  let items = FIRST_MAX_ITEMS;
  for (let characters = FIRST_MAX_CHARACTERS; characters >= LEAST_CHARACTERS; characters /= 4, items /= 4) {
    const input: HookCall["input"] = Object.fromEntries(
      Object.entries(call.input).map(([name, value]) => [
        name,
        cut(value, { characters, items, levels: MAX_HOOK_INPUT_DEPTH - 1 }),
      ]),
    );
    const shorter = { ...call, input };
    if (!isTooLong(shorter)) return shorter;
  }
  return undefined;
}

interface Bounds {
  readonly characters: number;
  readonly items: number;
  readonly levels: number;
}

function cut(value: unknown, { characters, items, levels }: Bounds): unknown {
  if (typeof value === "string") return cutText(value, characters);
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return "… (what is nested deeper was cut)";
  const shorten = (each: unknown) => cut(each, { characters, items, levels: levels - 1 });
  if (Array.isArray(value)) {
    if (value.length <= items) return value.map(shorten);
    return [...value.slice(0, items).map(shorten), `… (${value.length - items} more items were cut)`];
  }
  const entries = Object.entries(value);
  return Object.fromEntries(entries.slice(0, items).map(([name, each]) => [name, shorten(each)]));
}

function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  // Never between the two halves of one character.
  const end = /[\ud800-\udbff]/.test(text.charAt(maxCharacters - 1)) ? maxCharacters - 1 : maxCharacters;
  return `${text.slice(0, end)}… (${text.length - end} characters were cut)`;
}

/** A random UUID. `node:crypto` would take longer to load than a bridge to answer, and nobody gains from guessing one. */
function newId(): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
}
