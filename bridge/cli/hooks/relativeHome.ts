/**
 * Owns what is said of an agent's home that is named from the folder it is started in: both agents take it so, and have other
 * settings in each folder.
 */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { CliError } from "../cliError.ts";
import { titleOf } from "./agents.ts";
import { type HookScope, relativeHome, userFolder, type Whereabouts } from "./settingsPath.ts";

/** @throws CliError where hooks for all that the user does would be there in one folder alone. */
export function expectOneHome(agent: HookAgent, scope: HookScope, where: Whereabouts): void {
  const remark = scope === "user" ? relativeHomeRemark(agent, where) : undefined;
  if (remark === undefined) return;
  throw new CliError(
    `${remark}\nSet it to a whole path first, such as ${userFolder(agent, where)}, or install them for this project alone:\n` +
      `  televibe hooks install ${agent} --project`,
  );
}

/** Undefined where it is the same home everywhere. */
export function relativeHomeRemark(agent: HookAgent, { env }: Whereabouts): string | undefined {
  const home = relativeHome(agent, env);
  if (home === undefined) return undefined;
  const { variable, value } = home;
  return `${variable} is "${value}", no whole path: ${titleOf(agent)} takes it from the folder that it is started in, and reads other settings in each`;
}
