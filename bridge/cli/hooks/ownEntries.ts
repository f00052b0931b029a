/** Owns finding our entries in the `hooks` of a settings file: event, then group, then hook, as both agents have it. */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { type OwnCommand, readOwnCommand } from "./hookCommand.ts";
import { type JsonDocument, keyOf, type Node, nameOf, properties, property, propertyValue } from "./json/document.ts";
import { SettingsError } from "./settingsError.ts";

export interface OwnEntry {
  readonly event: string;
  /** The command line itself, and what is beside it. */
  readonly hook: Node;
  readonly command: string;
  readonly own: OwnCommand;
}

/** All of them, in the order of the file; nothing that has another form than an entry of ours is looked at. */
export function ownEntries({ root }: JsonDocument, agent: HookAgent): readonly OwnEntry[] {
  if (root === undefined) return [];
  return hooksObjects(root).flatMap((hooks) =>
    properties(hooks).flatMap((event) =>
      items(propertyValue(event)).flatMap((group) =>
        hooksOf(group).flatMap((hook) => readEntry(keyOf(event), hook, agent) ?? []),
      ),
    ),
  );
}

function readEntry(event: string, hook: Node, agent: HookAgent): OwnEntry | undefined {
  const node = property(hook, "command");
  const command: unknown = node === undefined ? undefined : propertyValue(node).value;
  const own = readOwnCommand(command);
  return typeof command === "string" && own?.agent === agent ? { event, hook, command, own } : undefined;
}

/** The `hooks` of the file: several, where it says it more than once. */
export function hooksObjects(root: Node): readonly Node[] {
  return properties(root).flatMap((each) => (keyOf(each) === "hooks" ? [propertyValue(each)] : []));
}

/** The hooks of a group. */
export function hooksOf(group: Node): readonly Node[] {
  const hooks = property(group, "hooks");
  return hooks === undefined ? [] : items(propertyValue(hooks));
}

export function items(array: Node): readonly Node[] {
  return array.type === "array" ? (array.children ?? []) : [];
}

/** The `hooks` that an agent reads; undefined where there are none yet. */
export function hooksInForce(root: Node): Node | undefined {
  const found = property(root, "hooks");
  return found === undefined ? undefined : expectType(propertyValue(found), "object", `"hooks"`);
}

/** The groups of an event; undefined where it has none yet. */
export function groupsInForce(hooks: Node, event: string): Node | undefined {
  const found = property(hooks, event);
  return found === undefined ? undefined : expectType(propertyValue(found), "array", `"hooks.${event}"`);
}

function expectType(node: Node, type: "object" | "array", name: string): Node {
  if (node.type === type) return node;
  throw new SettingsError(
    `${name} in it is ${nameOf(node)} where ${type === "object" ? "an object" : "an array"} belongs`,
  );
}
