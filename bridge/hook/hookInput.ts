/** Owns reading what an agent writes to its hook, as far as the hook itself must understand it. */

/** One JSON object. What is in it is the bridge's to understand. */
export type HookInput = Readonly<Record<string, unknown>>;

/** Undefined when the text is no JSON object. */
export function parseHookInput(text: string): HookInput | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return { ...value };
}

/** Whether the agent asks whether it may. It asks the person at its own terminal where no answer comes. */
export function asksPermission({ hook_event_name: name }: HookInput): boolean {
  return name === "PermissionRequest";
}

/** Whether a person has just begun to work with the agent: the time to have a bridge. */
export function beginsWork({ hook_event_name: name }: HookInput): boolean {
  return name === "SessionStart" || name === "UserPromptSubmit";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
