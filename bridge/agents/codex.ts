/** Owns what Codex's hooks mean (as of version 0.169.0), and the form in which it takes an answer. */
import { oneLine } from "../../shared/text/oneLine.ts";
import type { Agent } from "./agent.ts";
import { codexOutcome, codexToolUse } from "./codexTools.ts";
import { readCodexTranscript } from "./codexTranscript.ts";
import { absolutePathIn, type HookInput, textIn } from "./hookInput.ts";
import type { Meaning } from "./meaning.ts";
import type { WorkFolder } from "./toolUse.ts";

const MAX_MESSAGE = 300;

type Reader = (input: HookInput, folder: WorkFolder) => Meaning;

/** Every event of the agent's schemas. */
const READERS: Readonly<Record<string, Reader>> = {
  SessionStart: (input) =>
    // The same session goes on with a shorter memory.
    input["source"] === "compact" ? { kind: "nothing" } : { kind: "session_started", title: undefined },
  // It gives no other reason than "other".
  SessionEnd: () => ({ kind: "session_ended", reason: "Ended" }),
  UserPromptSubmit: (input) => ({ kind: "prompted", prompt: textIn(input, "prompt") ?? "" }),
  PreToolUse: (input, folder) => ({ kind: "tool_started", use: codexToolUse(input, folder) }),
  PostToolUse: (input, folder) => {
    const use = codexToolUse(input, folder);
    return { kind: "tool_ended", use, outcome: codexOutcome(input, use, folder), isInterrupt: false };
  },
  PermissionRequest: (input, folder) => ({ kind: "permission_asked", use: codexToolUse(input, folder) }),
  SubagentStart: (input) => ({ kind: "noted", message: `${agentType(input)} begins` }),
  SubagentStop: (input) => {
    const said = oneLine(textIn(input, "last_assistant_message") ?? "", MAX_MESSAGE);
    return {
      kind: "subagent_ended",
      message: `${agentType(input)} is done${said === "" ? "" : `: ${said}`}`,
      transcriptPath: absolutePathIn(input, "agent_transcript_path"),
    };
  },
  PreCompact: () => ({ kind: "noted", message: "Makes its memory of the conversation shorter" }),
  PostCompact: () => ({ kind: "noted", message: "Made its memory of the conversation shorter" }),
  Stop: (input) => ({ kind: "stopped", message: textIn(input, "last_assistant_message") }),
  Interrupt: () => ({ kind: "interrupted" }),
};

export const codex: Agent = {
  id: "codex",
  name: "Codex",
  turnField: "turn_id",
  tellsExitCodesInTranscript: true,
  endsHooksWhenInterrupted: false,
  read: (input, folder) => {
    const event = textIn(input, "hook_event_name") ?? "";
    return Object.hasOwn(READERS, event) ? READERS[event]?.(input, folder) : undefined;
  },
  // It refuses an answer that has any further field, such as what to remember.
  formatAnswer: (answer) => {
    const decision =
      answer.behavior === "allow" ? { behavior: "allow" } : { behavior: "deny", message: answer.message };
    return JSON.stringify({ hookSpecificOutput: { hookEventName: "PermissionRequest", decision } });
  },
  readTranscript: readCodexTranscript,
};

function agentType(input: HookInput): string {
  return `Subagent ${oneLine(textIn(input, "agent_type") ?? "", 60)}`.trim();
}
