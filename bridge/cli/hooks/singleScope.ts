/** Owns that an agent has our hooks in one of its settings files alone: it runs those of all of them, and a call may be told twice. */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { CliError } from "../cliError.ts";
import { titleOf } from "./agents.ts";
import { hasOwnHooks } from "./inspection.ts";
import { type HookScope, otherScope, settingsPath, type Whereabouts } from "./settingsPath.ts";

/** @throws CliError where our hooks are in the other settings already. */
export async function expectNoneInOtherScope(agent: HookAgent, scope: HookScope, where: Whereabouts): Promise<void> {
  const other = otherScope(scope);
  const path = await settingsPath(agent, other, where);
  // In the home folder, the project's are the user's own.
  if (path === (await settingsPath(agent, scope, where)) || !(await hasOwnHooks(agent, path))) return;
  throw new CliError(
    `${titleOf(agent)} has Televibe's hooks already, ${FOR[other]}: ${path}\n` +
      "With both, each call may be told twice. To have them here instead, take those out first:\n" +
      `  ${uninstallCommand(agent, other)}`,
  );
}

export function uninstallCommand(agent: HookAgent, scope: HookScope): string {
  return `televibe hooks uninstall ${agent}${scope === "project" ? " --project" : ""}`;
}

const FOR: Readonly<Record<HookScope, string>> = {
  user: "for all that you do with it",
  project: "for this project",
};
