/** Owns taking values out of an object or an array of a JSON text, with the commas and the white space that came with them. */
import type { Node } from "./document.ts";
import { type Edit, removeBetween } from "./edit.ts";
import { commaBetween, endOf, endsInLineComment, innerEnd, innerStart } from "./trivia.ts";

/** Takes some of a container's values out; the others, and all comments, stay as they are. */
export function removeChildren(text: string, container: Node, doomed: ReadonlySet<Node>): readonly Edit[] {
  const children = container.children ?? [];
  const edits: Edit[] = [];
  for (const [index, child] of children.entries()) {
    if (!doomed.has(child)) continue;
    const previous = children[index - 1];
    const next = children[index + 1];
    const comma = commaBetween(text, endOf(child), next?.offset ?? innerEnd(container));
    const from = previous === undefined ? innerStart(container) : endOf(previous);
    edits.push(removeBetween(leadOf(text, from, child, comma), endOf(child)));
    if (comma !== undefined) edits.push(removeBetween(comma, comma + 1));
  }
  const last = children.at(-1);
  const survivor = children.findLast((child) => !doomed.has(child));
  // The comma behind the last one that stays is no separator any more.
  if (last !== undefined && survivor !== undefined && survivor !== last) {
    const hadTrailingComma = commaBetween(text, endOf(last), innerEnd(container)) !== undefined;
    const after = children[children.indexOf(survivor) + 1];
    const comma = after === undefined ? undefined : commaBetween(text, endOf(survivor), after.offset);
    if (!hadTrailingComma && comma !== undefined) edits.push(removeBetween(comma, comma + 1));
  }
  return edits;
}

/** Where the white space before a value begins; the value itself where that white space ends a comment. */
function leadOf(text: string, from: number, child: Node, comma: number | undefined): number {
  const before = text.slice(from, child.offset);
  const lead = from + before.trimEnd().length;
  if (!endsInLineComment(text, from, lead)) return lead;
  const behind = text.slice(comma === undefined ? endOf(child) : comma + 1);
  return /^[ \t]*\r?\n/.test(behind) ? lead : child.offset;
}
