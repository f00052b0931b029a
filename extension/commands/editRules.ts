/** Owns "Edit Rules": the file that says what is approved or denied without asking, made with a beginning where there is none. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { languages, Uri, window, workspace } from "vscode";
import { RULES_BEGINNING } from "../../shared/protocol/rules.ts";
import type { Command } from "./commandContext.ts";

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
    await writeFile(file, RULES_BEGINNING, { flag: "wx", mode: 0o600 });
  } catch (error) {
    // What is there is the person's own.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
