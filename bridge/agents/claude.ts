/** Owns what Claude Code's hooks mean (as of version 2.1.330), and the form in which it takes an answer. */
import { oneLine } from "../../shared/text/oneLine.ts";
import type { Agent, PermissionAnswer } from "./agent.ts";
import { claudeSuggestion } from "./claudeSuggestion.ts";
import { claudeChangedLines, claudeToolUse } from "./claudeTools.ts";
import { readClaudeTranscript } from "./claudeTranscript.ts";
import { absolutePathIn, cut, type HookInput, isRecord, listIn, numberIn, recordIn, textIn } from "./hookInput.ts";
import type { Meaning } from "./meaning.ts";
import type { WorkFolder } from "./toolUse.ts";

const MAX_MESSAGE = 300;
const MAX_ERROR = 2000;

const NOTHING: Meaning = { kind: "nothing" };
const nothing = () => NOTHING;

/** Why a session ended, for people; other reasons as they are. */
const END_REASONS: ReadonlyMap<string, string> = new Map([
  ["clear", "Cleared"],
  ["resume", "Another session was resumed in its place"],
  ["logout", "Logged out"],
  ["prompt_input_exit", "Closed by its user"],
  ["other", "Ended"],
]);

/** Why a turn failed, for people; others as they are. */
const FAILURES: ReadonlyMap<string, string> = new Map([
  ["authentication_failed", "Claude Code is not logged in"],
  ["billing_error", "The account cannot be billed"],
  ["rate_limit", "The rate limit is reached"],
  ["overloaded", "The model is overloaded"],
  ["invalid_request", "The request was refused as invalid"],
  ["model_not_found", "There is no such model"],
  ["server_error", "The model's server failed"],
  ["max_output_tokens", "The answer was longer than the model may give"],
]);

/** Tools whose question is for the person at the agent's own terminal: a plain yes or no would answer it with nothing. */
const ASKS_ITSELF: ReadonlySet<string> = new Set(["AskUserQuestion"]);

type Reader = (input: HookInput, folder: WorkFolder) => Meaning;

/** Every event of the agent's schemas: what means nothing to a person stands here as well. */
const READERS: Readonly<Record<string, Reader>> = {
  SessionStart: (input) =>
    // The same session goes on with a shorter memory.
    input["source"] === "compact" ? NOTHING : { kind: "session_started", title: textIn(input, "session_title") },
  SessionEnd: (input) => {
    const reason = textIn(input, "reason") ?? "other";
    return { kind: "session_ended", reason: END_REASONS.get(reason) ?? oneLine(reason, MAX_MESSAGE) };
  },
  UserPromptSubmit: (input) => ({ kind: "prompted", prompt: readablePrompt(textIn(input, "prompt") ?? "") }),
  PreToolUse: (input, folder) => ({ kind: "tool_started", use: claudeToolUse(input, folder) }),
  PostToolUse: (input, folder) => {
    const use = claudeToolUse(input, folder);
    const lines = claudeChangedLines(input, use);
    const changedPaths = use.change === undefined || use.path === undefined ? [] : [use.path];
    return {
      kind: "tool_ended",
      use,
      outcome: { isSuccess: true, ...duration(input), changedPaths, ...(lines === undefined ? {} : { lines }) },
      isInterrupt: recordIn(input, "tool_response")["interrupted"] === true,
    };
  },
  PostToolUseFailure: (input, folder) => toolFailure(input, folder, textIn(input, "error") ?? "It failed"),
  // Each call that ran was told by itself; one that was not permitted is told here alone.
  PostToolBatch: (input, folder) => ({
    kind: "batch_ended",
    refused: listIn(input, "tool_calls")
      .filter(isRecord)
      .map((call) => ({
        use: claudeToolUse(call, folder),
        error: cut(textIn(call, "tool_response") ?? "It did not run", MAX_ERROR),
      })),
  }),
  PermissionDenied: (input, folder) => toolFailure(input, folder, `Not permitted: ${textIn(input, "reason") ?? "no"}`),
  PermissionRequest: (input, folder) => {
    const use = claudeToolUse(input, folder);
    if (ASKS_ITSELF.has(use.tool)) return { kind: "noted", message: `Asks in Claude Code: ${questionIn(input)}` };
    const suggestion = claudeSuggestion(input);
    return { kind: "permission_asked", use, ...(suggestion === undefined ? {} : { suggestion }) };
  },
  // Whoever is told of the approval needs no second word on it.
  Notification: (input) =>
    input["notification_type"] === "permission_prompt" ? NOTHING : noted(textIn(input, "message")),
  Elicitation: (input) =>
    noted(`${textIn(input, "mcp_server_name") ?? "An MCP server"} asks: ${textIn(input, "message") ?? ""}`),
  SubagentStart: (input) => noted(`${agentType(input)} begins`),
  SubagentStop: (input) => {
    // Claude Code's own helpers have no type: they guess what its user may want next, and the like.
    if (textIn(input, "agent_type") === undefined) return NOTHING;
    return {
      kind: "subagent_ended",
      message: `${agentType(input)} is done${colon(textIn(input, "last_assistant_message"))}`,
      transcriptPath: absolutePathIn(input, "agent_transcript_path"),
    };
  },
  TeammateIdle: (input) => noted(`${textIn(input, "teammate_name") ?? "A teammate"} is idle`),
  PreCompact: () => noted("Makes its memory of the conversation shorter"),
  PostCompact: () => noted("Made its memory of the conversation shorter"),
  PostModelSwitch: (input) => noted(`Goes on with ${textIn(input, "to_model") ?? "another model"}`),
  Stop: (input) => ({ kind: "stopped", message: textIn(input, "last_assistant_message") }),
  StopFailure: (input) => {
    const error = textIn(input, "error") ?? "unknown";
    const details = colon(textIn(input, "error_details"), MAX_ERROR);
    return {
      kind: "failed",
      error: `${FAILURES.get(error) ?? oneLine(error, MAX_MESSAGE)}${details}`,
      message: textIn(input, "last_assistant_message"),
    };
  },
  TaskCreated: (input) => {
    const description = textIn(input, "task_description");
    return {
      kind: "task_created",
      ...task(input),
      ...(description === undefined ? {} : { description: cut(description, MAX_ERROR) }),
    };
  },
  TaskCompleted: (input) => ({ kind: "task_completed", ...task(input) }),

  // UserPromptSubmit comes behind it.
  UserPromptExpansion: nothing,
  // The whole messages are read from the transcript.
  MessageDisplay: nothing,
  ElicitationResult: nothing,
  PreModelSwitch: nothing,
  Setup: nothing,
  ConfigChange: nothing,
  InstructionsLoaded: nothing,
  CwdChanged: nothing,
  FileChanged: nothing,
  DirectoryAdded: nothing,
  WorktreeCreate: nothing,
  WorktreeRemove: nothing,
};

export const claude: Agent = {
  id: "claude",
  name: "Claude Code",
  turnField: "prompt_id",
  tellsExitCodesInTranscript: false,
  endsHooksWhenInterrupted: true,
  read: (input, folder) => {
    const event = textIn(input, "hook_event_name") ?? "";
    return Object.hasOwn(READERS, event) ? READERS[event]?.(input, folder) : undefined;
  },
  formatAnswer: (answer) => JSON.stringify({ hookSpecificOutput: permissionOutput(answer) }),
  readTranscript: readClaudeTranscript,
};

/** What Claude Code tells itself when background work has ended is markup; people read its summary. */
function readablePrompt(prompt: string): string {
  if (!prompt.startsWith("<task-notification>")) return prompt;
  const [, summary] = /<summary>([^<]{1,500})<\/summary>/.exec(prompt) ?? [];
  return summary === undefined ? "Background work has ended" : summary.trim();
}

function permissionOutput(answer: PermissionAnswer): object {
  const hookEventName = "PermissionRequest";
  if (answer.behavior === "deny") return { hookEventName, decision: { behavior: "deny", message: answer.message } };
  const updatedPermissions = answer.suggestion === undefined ? {} : { updatedPermissions: answer.suggestion };
  return { hookEventName, decision: { behavior: "allow", ...updatedPermissions } };
}

function toolFailure(input: HookInput, folder: WorkFolder, error: string): Meaning {
  const use = claudeToolUse(input, folder);
  const isInterrupt = input["is_interrupt"] === true;
  return {
    kind: "tool_ended",
    use,
    outcome: {
      isSuccess: false,
      error: isInterrupt ? "Interrupted by its user" : cut(error, MAX_ERROR),
      ...duration(input),
      changedPaths: [],
    },
    isInterrupt,
  };
}

function duration(input: HookInput): { readonly durationSeconds?: number } {
  const durationMs = numberIn(input, "duration_ms");
  return durationMs === undefined || durationMs < 0 ? {} : { durationSeconds: durationMs / 1000 };
}

function noted(message: string | undefined): Meaning {
  const line = oneLine(message ?? "", MAX_MESSAGE);
  return line === "" ? NOTHING : { kind: "noted", message: line };
}

function questionIn(input: HookInput): string {
  const [question] = listIn(recordIn(input, "tool_input"), "questions").filter(isRecord);
  return oneLine((question && textIn(question, "question")) ?? "a question", MAX_MESSAGE);
}

function agentType(input: HookInput): string {
  return `Subagent ${oneLine(textIn(input, "agent_type") ?? "", 60)}`.trim();
}

function colon(text: string | undefined, maxLength = MAX_MESSAGE): string {
  return text === undefined ? "" : `: ${oneLine(text, maxLength)}`;
}

function task(input: HookInput): { readonly taskId: string; readonly title: string } {
  const title = oneLine(textIn(input, "task_subject") ?? "", MAX_MESSAGE);
  return { taskId: textIn(input, "task_id") ?? "unknown", title: title === "" ? "A task" : title };
}
