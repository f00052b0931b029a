/** Owns writing our entries into a settings file's text: those that are missing, and those of an earlier install anew. */
import { isDeepStrictEqual } from "node:util";
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { hookEvents } from "./agents.ts";
import { type HookProgram, hookCommand } from "./hookCommand.ts";
import { append, replacement, writeObject } from "./json/append.ts";
import { type JsonDocument, type Node, parseDocument, toValue } from "./json/document.ts";
import { applyEdits, type Edit } from "./json/edit.ts";
import { groupsInForce, hooksInForce, type OwnEntry, ownEntries } from "./ownEntries.ts";
import { removeEntries } from "./removeEntries.ts";

/** A hook as both agents have it. */
interface HookEntry {
  readonly type: "command";
  readonly command: string;
  readonly timeout: number;
  readonly statusMessage?: string;
}

/**
 * Entries that are there keep their places: Codex remembers by its place which hook its user trusts.
 *
 * @throws SettingsError where the file is not what it should be.
 */
export function addEntries(text: string, agent: HookAgent, program: HookProgram): string {
  const wanted = wantedEntries(agent, program);
  const kept = keptEntries(parseDocument(text), agent, wanted);
  const isDoomed = ({ hook }: OwnEntry) => !kept.has(hook.offset);
  const document = parseDocument(removeEntries(text, agent, { isDoomed }));
  const entries = ownEntries(document, agent);
  return applyEdits(document.text, [...renewed(document, entries, wanted), ...missing(document, entries, wanted)]);
}

function wantedEntries(agent: HookAgent, program: HookProgram): ReadonlyMap<string, HookEntry> {
  const entries = hookEvents(agent).map((event): [string, HookEntry] => {
    const command = hookCommand(program, agent, event);
    const { timeoutSeconds: timeout, statusMessage } = event;
    return [
      event.name,
      { type: "command", command, timeout, ...(statusMessage === undefined ? {} : { statusMessage }) },
    ];
  });
  return new Map(entries);
}

/** Where the entries are that stay: the first one that is read of each event that is wanted. Others an older version left. */
function keptEntries(
  document: JsonDocument,
  agent: HookAgent,
  wanted: ReadonlyMap<string, HookEntry>,
): ReadonlySet<number> {
  const { root } = document;
  const hooks = root === undefined ? undefined : hooksInForce(root);
  const offsets = new Map<string, number>();
  for (const { event, hook } of ownEntries(document, agent)) {
    const groups = hooks === undefined || !wanted.has(event) ? undefined : groupsInForce(hooks, event);
    if (groups !== undefined && isWithin(groups, hook) && !offsets.has(event)) offsets.set(event, hook.offset);
  }
  return new Set(offsets.values());
}

function isWithin(outer: Node, inner: Node): boolean {
  return inner.offset >= outer.offset && inner.offset < outer.offset + outer.length;
}

function renewed(
  document: JsonDocument,
  entries: readonly OwnEntry[],
  wanted: ReadonlyMap<string, HookEntry>,
): readonly Edit[] {
  return entries.flatMap(({ event, hook }) => {
    const entry = wanted.get(event);
    return entry === undefined || isDeepStrictEqual(toValue(hook), entry) ? [] : [replacement(document, hook, entry)];
  });
}

/** Behind what is there already, at each level. */
function missing(
  document: JsonDocument,
  entries: readonly OwnEntry[],
  wanted: ReadonlyMap<string, HookEntry>,
): readonly Edit[] {
  const present = new Set(entries.map(({ event }) => event));
  const groups = [...wanted]
    .filter(([event]) => !present.has(event))
    .map(([key, entry]) => ({ key, group: { hooks: [entry] } }));
  const fresh = Object.fromEntries(groups.map(({ key, group }) => [key, [group]]));
  const { root } = document;
  if (groups.length === 0) return [];
  if (root === undefined) return [writeObject(document, { hooks: fresh })];
  const hooks = hooksInForce(root);
  if (hooks === undefined) return append(document, root, [{ key: "hooks", value: fresh }]);
  const additions = groups.map((each) => ({ ...each, array: groupsInForce(hooks, each.key) }));
  return [
    ...additions.flatMap(({ array, group }) =>
      array === undefined ? [] : append(document, array, [{ value: group }]),
    ),
    ...append(
      document,
      hooks,
      additions.flatMap(({ key, array, group }) => (array === undefined ? [{ key, value: [group] }] : [])),
    ),
  ];
}
