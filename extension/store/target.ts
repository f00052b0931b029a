/** Owns what a command is about: the ids that a tree's row carries, read back from whatever a command was called with. */

export interface Target {
  readonly project_id?: string;
  readonly session_id?: string;
  readonly job_id?: string;
  readonly approval_id?: string;
  readonly call_id?: string;
}

const FIELDS = ["project_id", "session_id", "job_id", "approval_id", "call_id"] as const;

/**
 * Reads a command's first argument: a row of ours, which has a `target`, or the ids themselves, as another extension or a
 * keybinding may give them. Undefined for anything else, such as none at all.
 */
export function readTarget(argument: unknown): Target | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  if ("target" in argument) return readTarget(argument.target);
  const ids = new Map<string, unknown>(Object.entries(argument));
  const found = FIELDS.flatMap((field): [string, string][] => {
    const id = ids.get(field);
    return typeof id === "string" && id !== "" ? [[field, id]] : [];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
