/** Owns which hooks each agent gets: one entry for each of its events that tells a person something. */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";

export interface HookEvent {
  readonly name: string;
  /** After this time the agent ends the hook, and goes on without an answer. */
  readonly timeoutSeconds: number;
  /** How long the hook waits for a person; none where nothing is asked. */
  readonly waitSeconds?: number;
  /** What the agent shows meanwhile. */
  readonly statusMessage?: string;
}

/** A call that is not answered is only handed over; the hook itself gives up long before. */
const REPORT_SECONDS = 10;
/** Codex lets its last hooks of a session take no longer, and warns at each start of one that asks for more. */
const CODEX_END_SECONDS = 3;
/** A question may wait for a day. */
const ASK_SECONDS = 86_400;
/** The hook ends by itself before its agent ends it, so that the request is withdrawn in good order. */
const ASK_MARGIN_SECONDS = 60;

/**
 * All of them run in the agent's way, one after the other: run beside it ("async"), two hooks that are started 5 ms apart
 * overtake each other one time in ten, and the agents drop those that are under way when they end. The order of what an agent
 * did is worth more than the milliseconds.
 */
const EVENTS: Readonly<Record<HookAgent, readonly HookEvent[]>> = {
  /**
   * Claude Code 2.1. Left out on purpose: WorktreeCreate, WorktreeRemove and MessageDisplay, whose hooks do the agent's work in its
   * place; and UserPromptExpansion, PreModelSwitch, ElicitationResult, Setup, ConfigChange, InstructionsLoaded, CwdChanged,
   * FileChanged and DirectoryAdded, of which nobody needs to hear.
   */
  claude: [
    report("SessionStart"),
    report("SessionEnd"),
    report("UserPromptSubmit"),
    report("PreToolUse"),
    report("PostToolUse"),
    report("PostToolUseFailure"),
    // The one that tells of a call which was not permitted.
    report("PostToolBatch"),
    ask("PermissionRequest"),
    report("PermissionDenied"),
    report("Notification"),
    report("Elicitation"),
    report("SubagentStart"),
    report("SubagentStop"),
    report("PreCompact"),
    report("PostCompact"),
    report("TaskCreated"),
    report("TaskCompleted"),
    report("TeammateIdle"),
    report("PostModelSwitch"),
    report("Stop"),
    report("StopFailure"),
  ],
  /** Codex 0.169: all that it has for commands. */
  codex: [
    report("SessionStart"),
    report("SessionEnd", CODEX_END_SECONDS),
    report("UserPromptSubmit"),
    report("PreToolUse"),
    report("PostToolUse"),
    // It asks its user only when the hook has ended without an answer: whoever sits there should know what it waits for.
    { ...ask("PermissionRequest"), statusMessage: "Waiting for an answer in Televibe" },
    report("SubagentStart"),
    report("SubagentStop"),
    report("PreCompact"),
    report("PostCompact"),
    report("Interrupt", CODEX_END_SECONDS),
    report("Stop"),
  ],
};

const TITLES: Readonly<Record<HookAgent, string>> = { claude: "Claude Code", codex: "Codex" };

export function hookEvents(agent: HookAgent): readonly HookEvent[] {
  return EVENTS[agent];
}

export function titleOf(agent: HookAgent): string {
  return TITLES[agent];
}

function report(name: string, timeoutSeconds = REPORT_SECONDS): HookEvent {
  return { name, timeoutSeconds };
}

function ask(name: string): HookEvent {
  return { name, timeoutSeconds: ASK_SECONDS, waitSeconds: ASK_SECONDS - ASK_MARGIN_SECONDS };
}
