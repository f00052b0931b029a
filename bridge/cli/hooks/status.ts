/** Owns what `televibe hooks status` finds of an agent, and the words for it. */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { currentFolder } from "../currentFolder.ts";
import { titleOf } from "./agents.ts";
import type { HookProgram } from "./hookCommand.ts";
import { whyHooksAreOff } from "./hooksSwitch.ts";
import { type HooksState, type Inspection, inspect } from "./inspection.ts";
import { findOnPath, versionOf } from "./programs.ts";
import { relativeHomeRemark } from "./relativeHome.ts";
import { withTarget } from "./settingsFile.ts";
import { type HookScope, settingsPath, userFolder } from "./settingsPath.ts";
import { uninstallCommand } from "./singleScope.ts";

export interface AgentStatus {
  readonly agent: HookAgent;
  readonly program: string | undefined;
  readonly version: string | undefined;
  /** Why it runs no hooks at all. */
  readonly hooksOff: string | undefined;
  readonly settings: readonly (Inspection & { readonly scope: HookScope })[];
}

export async function agentStatus(
  agent: HookAgent,
  scopes: readonly HookScope[],
  program: HookProgram,
): Promise<AgentStatus> {
  const installed = await findOnPath(agent, process.env);
  const version = installed === undefined ? undefined : await versionOf(installed);
  const places = { env: process.env, cwd: currentFolder() };
  const settings: AgentStatus["settings"][number][] = [];
  for (const scope of scopes) {
    const path = await settingsPath(agent, scope, places);
    // In the home folder, the project's are the user's own.
    if (settings.some((each) => each.path === path)) continue;
    const found = await inspect(agent, path, program, userFolder("codex", places));
    const problem = found.problem ?? (scope === "user" ? relativeHomeRemark(agent, places) : undefined);
    settings.push({ scope, ...found, ...(problem === undefined ? {} : { problem }) });
  }
  return { agent, program: installed, version, hooksOff: await whyHooksAreOff(agent, places), settings };
}

export function statusToJson({ agent, program, version, hooksOff, settings }: AgentStatus): unknown {
  return {
    agent,
    program: program ?? null,
    version: version ?? null,
    hooks_off: hooksOff ?? null,
    settings: settings.map(({ scope, path, target, state, problem, missingFiles, trust }) => ({
      scope,
      path,
      target: target ?? null,
      state,
      problem: problem ?? null,
      missing_files: missingFiles,
      trust: trust ?? null,
    })),
  };
}

const STATES: Readonly<Record<HooksState, string>> = {
  installed: "installed",
  other_path: "installed from elsewhere",
  older_form: "installed in another form",
  not_installed: "not installed",
  unreadable: "cannot be read",
};

/** One line for the agent, one a settings file, and what is to be done about it. */
export function describeStatus({ agent, program, version, hooksOff, settings }: AgentStatus): readonly string[] {
  const found = program === undefined ? "not found on PATH" : `${version ?? "of unknown version"} (${program})`;
  return [
    `${titleOf(agent)}: ${found}`,
    ...(hooksOff === undefined ? [] : [`  ${hooksOff}`]),
    ...settings.flatMap(({ scope, ...found }) => [
      `  ${scope.padEnd(7)}  ${STATES[found.state].padEnd(STATES.older_form.length)}  ${nameOf(found)}`,
      ...remarks(agent, scope, found).map((remark) => `           ${remark}`),
    ]),
    ...(isDoubled(settings)
      ? [
          `  Both are installed, and each call may be told twice. To take one out: ${uninstallCommand(agent, "project")}`,
        ]
      : []),
  ];
}

function nameOf({ path, target = path }: Inspection): string {
  return withTarget(path, target);
}

/** Not where one is a link to the other. */
function isDoubled(settings: AgentStatus["settings"]): boolean {
  const installed = settings.filter(({ state }) => state !== "not_installed" && state !== "unreadable");
  return new Set(installed.map(({ target }) => target)).size > 1;
}

function remarks(agent: HookAgent, scope: HookScope, found: Inspection): readonly string[] {
  const { state, problem, missingFiles, trust } = found;
  const install = `televibe hooks install ${agent}${scope === "project" ? " --project" : ""}`;
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(missingFiles.length === 0 ? [] : [`They run what is not there: ${missingFiles.join(", ")}`]),
    ...(state === "other_path" || state === "older_form" ? [`To renew them: ${install}`] : []),
    ...(trust === "not yet" ? ["Codex does not run them yet: it asks you to trust them when it starts next"] : []),
    ...(trust === "in part" ? ["Codex runs some of them: it asks you to trust the others when it starts next"] : []),
  ];
}
