/** Owns the text in which an approval is judged: what it asks for whole, under lines that say who asks, where and why. Pure. */
import { type Approval, describeDecision } from "../../shared/protocol/approval.ts";
import type { State } from "../../shared/state/state.ts";
import { distinctOffers } from "../../shared/text/offerText.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { questionOf } from "../../shared/text/question.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { placeName } from "../store/selectors.ts";
import { approvalLabel } from "../text/approvalText.ts";

export interface QuestionText {
  /** By which the editor colours it. */
  readonly extension: "diff" | "sh" | "txt";
  readonly text: string;
}

const MAX_NAME_LENGTH = 40;
const OFFER_WORDS = { session: "For this session", always: "Always", agent: "As the agent suggests" } as const;

/** Whether there is more to read than the row shows. */
export function hasMoreToRead(approval: Approval): boolean {
  const { command, diff, details } = questionOf(approval);
  return (
    [command, diff, details].some((block) => block !== null) ||
    approvalLabel(approval) !== spellOut(approval.action).trim()
  );
}

export function questionText(state: State, approval: Approval): QuestionText {
  const { action, reason, scope, state: answer, context } = approval;
  const { agent, tool, command, path, cwd, diff, details, others } = questionOf(approval);
  const blocks = [command, details, diff].filter((block) => block !== null);
  const facts: readonly (readonly [string, string | null])[] = [
    ["Asked by", agent ?? placeName(state, approval)],
    ["Where", agent === null ? null : placeName(state, approval)],
    ["Action", blocks.length > 0 ? spellOut(action) : null],
    ["Scope", spellOut(scope)],
    ["Tool", tool],
    ["File", path],
    ["Runs in", cwd],
    ["Why", reason === null ? null : spellOut(reason)],
    ...others,
    ...(answer === "pending"
      ? distinctOffers(approval).map((offer) => [OFFER_WORDS[offer.remember], spellOut(offer.text)] as const)
      : [["Answer", describeDecision(approval)] as const]),
  ];
  const header = facts.flatMap(([name, value]) =>
    value === null || value.trim() === "" ? [] : [comment(name, value)],
  );
  const isShell = command !== null || context["command"] !== undefined || scope === "command";
  const body = blocks.length === 0 ? spellOut(action) : blocks.map((block) => block.replace(/\n*$/, "\n")).join("\n");
  return {
    extension: diff !== null ? "diff" : isShell ? "sh" : "txt",
    text: `${header.join("\n")}\n\n${body.replace(/\n*$/, "\n")}`,
  };
}

/** Every line of it behind a mark: nothing that is said about the question passes for a part of it. */
function comment(name: string, value: string): string {
  return `# ${oneLine(name, MAX_NAME_LENGTH)}: ${value.trim().split("\n").join("\n#   ")}`;
}
