/** Owns "Edit Rules": the file that says what is approved or denied without asking, made with a beginning where there is none. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { languages, Uri, window, workspace } from "vscode";
import type { Command } from "./commandContext.ts";

/** Rules of its own would decide something: nothing in it is more than an example. */
const BEGINNING = `// What Televibe approves or denies without asking. The first rule that fits
// decides; what none fits is asked. Such as:
//
//   {"decision": "allow", "tool": "Bash", "command": "npm test", "project": "shop"}
//   {"decision": "deny", "path": "**/.env", "reason": "Secrets stay unread"}
//   {"decision": "ask", "command": "git push *"}
//
// How long approvals wait, and what no answer comes to:
//
//   {"scope": "command", "after": "10m", "decision": "deny"}
{
  "rules": [],
  "timeouts": []
}
`;

export const editRules: Command = async ({ rulesFile }) => {
  const file = rulesFile();
  await begin(file);
  const document = await workspace.openTextDocument(Uri.file(file));
  // By its name it would be plain JSON, in which comments are marked as wrong.
  await window.showTextDocument(await languages.setTextDocumentLanguage(document, "jsonc"), { preview: false });
};

async function begin(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, BEGINNING, { flag: "wx", mode: 0o600 });
  } catch (error) {
    // What is there is the person's own.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
