/** Owns what is printed below an approval that waits: all that has to be read before it is answered, and the ways to answer it. */
import type { Approval } from "../../shared/protocol/approval.ts";
import { distinctOffers } from "../../shared/text/offerText.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { questionOf } from "../../shared/text/question.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { OFFER_OPTIONS } from "./offerOptions.ts";
import { MAX_ACTION_LENGTH } from "./sessionsView.ts";
import type { Terminal } from "./terminal.ts";

const INDENT = "    ";
const OPTION_WIDTH = 13;

/** Lines; none for what its own line says whole. */
export function approvalDetails(approval: Approval, style: Terminal["style"]): readonly string[] {
  if (approval.state !== "pending") return [];
  const { agent, tool, command, path, cwd, diff, details } = questionOf(approval);
  const asker = [agent, tool].filter((name) => name !== null).join(", ");
  const lines = [
    ...(asker === "" ? [] : [style("dim", spellLine(asker))]),
    ...(isWhole(approval.action) ? [] : quoted(spellOut(approval.action))),
    ...(command === null ? [] : quoted(command)),
    ...(path === null ? [] : [spellLine(path)]),
    ...(cwd === null ? [] : [style("dim", `in ${spellLine(cwd)}`)]),
    ...(details === null ? [] : quoted(details)),
    ...(diff === null ? [] : quoted(diff, (line) => colored(line, style))),
    ...distinctOffers(approval).map(
      ({ remember, text }) => `${OFFER_OPTIONS[remember].padEnd(OPTION_WIDTH)}  ${style("dim", spellLine(text))}`,
    ),
  ];
  return lines.map((line) => `${INDENT}${line}`);
}

function isWhole(action: string): boolean {
  const text = spellOut(action);
  return oneLine(text, MAX_ACTION_LENGTH) === text.trim();
}

/** Behind a bar, so that no line of it passes for one of ours. */
function quoted(text: string, draw = (line: string) => line): readonly string[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `│ ${draw(line)}`);
}

/** Whatever lines it has, on one: it must not look like another part of the answer. */
function spellLine(text: string): string {
  return spellOut(text).replace(/\s+/g, " ").trim();
}

function colored(line: string, style: Terminal["style"]): string {
  if (line.startsWith("+")) return style("green", line);
  return line.startsWith("-") ? style("red", line) : line;
}
