/** Owns what the tests must know of an agent to play with it: how it is started, what its tools are called, what it shows. */
import type { ToolUse } from "../modelServer/conversation.ts";
import type { ModelDialect } from "../modelServer/modelServer.ts";

export interface TestedAgent {
  readonly name: "claude" | "codex";
  readonly dialect: ModelDialect;
  /** Its environment besides HOME and PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its hooks are installed, below its home. */
  readonly hooksFile: string;
  /** Writes the settings that spare a fresh home its first questions, and point at the model. */
  prepareHome(home: string, project: string): Promise<void>;

  /** Arguments that have it answer one prompt and end. */
  headless(prompt: string): readonly string[];
  /** Arguments that have it begin a conversation in a terminal. */
  interactive(prompt: string): readonly string[];

  /** A command that it runs without asking. */
  shell(id: string, command: string): ToolUse;
  read(id: string, path: string): ToolUse;
  /** Replaces one line of a file. */
  edit(id: string, path: string, before: string, after: string): ToolUse;
  /** A command that it asks about first. */
  asking(id: string, command: string): ToolUse;
  /** The names that it gives these tools when it speaks of them. */
  readonly toolNames: { readonly shell: string; readonly read: string; readonly edit: string };

  /** Its own question, on the screen of a terminal, and the keys that answer it. */
  readonly question: RegExp;
  readonly yesKey: string;
  readonly noKey: string;
}
