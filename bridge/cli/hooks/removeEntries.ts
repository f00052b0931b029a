/**
 * Owns taking our entries out of a settings file's text, and with them the groups, events and `hooks` that then hold nothing.
 * All other bytes stay. Who knows the file as it was before an install says so: what was there and empty then is so again.
 */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { type JsonDocument, keyOf, type Node, parseDocument, property, propertyValue } from "./json/document.ts";
import { applyEdits, type Edit } from "./json/edit.ts";
import { removeChildren } from "./json/remove.ts";
import { innerEnd, innerStart } from "./json/trivia.ts";
import { type OwnEntry, ownEntries } from "./ownEntries.ts";

export interface Removal {
  /** Which of ours are to go; all of them where nothing is said. */
  readonly isDoomed?: (entry: OwnEntry) => boolean;
  /** The file before an install. */
  readonly before?: JsonDocument | undefined;
}

/** What becomes of a part of the file. */
type Verdict = "gone" | readonly Edit[];

const UNTOUCHED: Verdict = [];

/** @throws SettingsError where the file is not JSON. */
export function removeEntries(text: string, agent: HookAgent, { isDoomed = () => true, before }: Removal = {}): string {
  const document = parseDocument(text);
  const doomed = new Set(
    ownEntries(document, agent)
      .filter(isDoomed)
      .map(({ hook }) => hook),
  );
  const { root } = document;
  if (root === undefined || doomed.size === 0) return text;
  const verdict = new Pruning(text, doomed, before).root(root);
  return applyEdits(text, verdict);
}

class Pruning {
  readonly #text: string;
  readonly #doomed: ReadonlySet<Node>;
  readonly #before: JsonDocument | undefined;

  constructor(text: string, doomed: ReadonlySet<Node>, before: JsonDocument | undefined) {
    this.#text = text;
    this.#doomed = doomed;
    this.#before = before;
  }

  root(root: Node): readonly Edit[] {
    // The file itself stays an object, if an empty one.
    const past = this.#before?.root ?? null;
    const verdict = this.#container(root, past, (each) =>
      keyOf(each) === "hooks" ? this.#hooks(propertyValue(each)) : UNTOUCHED,
    );
    return verdict === "gone" ? [] : verdict;
  }

  #hooks(hooks: Node): Verdict {
    const past = pastValue(this.#before?.root, "hooks");
    return this.#container(hooks, past, (event) => this.#event(propertyValue(event), pastValue(past, keyOf(event))));
  }

  #event(groups: Node, past: Node | undefined): Verdict {
    return this.#container(groups, past, (group) => {
      const hooks = property(group, "hooks");
      // A group without hooks is of no use to anybody.
      return hooks === undefined ? UNTOUCHED : this.#groupHooks(propertyValue(hooks));
    });
  }

  #groupHooks(hooks: Node): Verdict {
    return this.#container(hooks, undefined, (hook) => (this.#doomed.has(hook) ? "gone" : UNTOUCHED));
  }

  /**
   * A container goes when all that was in it went; unless it was there before, or a comment is in it.
   *
   * @param past What it was before; null where it stays in any case.
   */
  #container(container: Node, past: Node | undefined | null, judge: (child: Node) => Verdict): Verdict {
    const verdicts = (container.children ?? []).map((child) => ({ child, verdict: judge(child) }));
    const gone = new Set(verdicts.filter(({ verdict }) => verdict === "gone").map(({ child }) => child));
    const inside = verdicts.flatMap(({ verdict }) => (verdict === "gone" ? [] : verdict));
    const edits = [...removeChildren(this.#text, container, gone), ...inside];
    if (gone.size === 0 || gone.size < verdicts.length) return edits;

    const rest = restOf(this.#text, container, edits);
    const was = past === undefined || past === null ? "" : this.#innerBefore(past);
    if (squeeze(rest) === squeeze(was)) {
      if (past === undefined) return "gone";
      return [{ offset: innerStart(container), length: innerEnd(container) - innerStart(container), content: was }];
    }
    return edits;
  }

  /** What was inside of it; nothing, where values were that its owner has taken out since. */
  #innerBefore(past: Node): string {
    if ((past.children ?? []).length > 0) return "";
    return this.#before?.text.slice(innerStart(past), innerEnd(past)) ?? "";
  }
}

function pastValue(past: Node | undefined, key: string): Node | undefined {
  const found = past === undefined ? undefined : property(past, key);
  return found === undefined ? undefined : propertyValue(found);
}

/** What is left inside of a container: white space and comments. */
function restOf(text: string, container: Node, edits: readonly Edit[]): string {
  const [from, to] = [innerStart(container), innerEnd(container)];
  const shifted = edits.map((edit) => ({ ...edit, offset: edit.offset - from }));
  return applyEdits(text.slice(from, to), shifted);
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, "");
}
