/** Owns `televibe hooks`: what makes coding agents tell Televibe what they do. */
import type { Command } from "commander";
import { dataDirectory } from "../../../shared/client/dataDirectory.ts";
import { HOOK_AGENTS, type HookAgent, isHookAgent } from "../../../shared/protocol/agentHook.ts";
import { NO_FILE, unifiedDiff } from "../../diff/unifiedDiff.ts";
import { usageError } from "../cliError.ts";
import type { CliContext } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { titleOf } from "../hooks/agents.ts";
import type { HookProgram } from "../hooks/hookCommand.ts";
import { whyHooksAreOff } from "../hooks/hooksSwitch.ts";
import { type Change, type Place, planInstall, planUninstall } from "../hooks/installation.ts";
import { whyNotRead } from "../hooks/obstacle.ts";
import { lastingRuntime } from "../hooks/programs.ts";
import { expectOneHome } from "../hooks/relativeHome.ts";
import { withTarget } from "../hooks/settingsFile.ts";
import { type HookScope, settingsPath, type Whereabouts } from "../hooks/settingsPath.ts";
import { expectNoneInOtherScope } from "../hooks/singleScope.ts";
import { agentStatus, describeStatus, statusToJson } from "../hooks/status.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface ScopeOptions extends DataDirOption {
  readonly user?: boolean;
  readonly project?: boolean;
}

interface ChangeOptions extends ScopeOptions {
  readonly dryRun?: boolean;
}

interface StatusOptions extends ScopeOptions {
  readonly json?: boolean;
}

/** What is said of `--user`: where neither scope is chosen, it is that one, or both are shown. */
const DEFAULT = " (default)";
const BOTH = " (default: both are shown)";

export function registerHooks(program: Command, context: CliContext): void {
  const hooks = program
    .command("hooks")
    .description("Have Claude Code and Codex tell Televibe what they do and ask it for permission")
    .addHelpText("after", "\nExample:\n  televibe hooks install claude");

  addOptions(hooks.command("install").description("Add Televibe's hooks to an agent's settings"), DEFAULT)
    .option("--dry-run", "show what would change, and change nothing")
    .action(async (name: string | undefined, options: ChangeOptions) => {
      const place = await placeOf(name, options);
      expectOneHome(place.agent, scopeOf(options), whereabouts());
      await expectNoneInOtherScope(place.agent, scopeOf(options), whereabouts());
      const change = await planInstall(place, await hookProgram(context, options));
      const isChanged = await carryOut(context, change, options);
      if (options.dryRun) return;
      const title = titleOf(place.agent);
      context.terminal.print(
        isChanged
          ? `${title} has Televibe's hooks now: ${nameOf(change)}`
          : `${title} has Televibe's hooks already: ${nameOf(change)}`,
      );
      const problem = whyNotRead(place.agent, change.after ?? "") ?? (await whyHooksAreOff(place.agent, whereabouts()));
      if (problem !== undefined) context.terminal.note(problem);
      if (isChanged && options.project) context.terminal.note(SHARED);
      if (isChanged && problem === undefined) context.terminal.note(nextStep(place.agent));
    });

  addOptions(
    hooks.command("uninstall").description("Take Televibe's hooks out again; all else stays as it is"),
    DEFAULT,
  )
    .option("--dry-run", "show what would change, and change nothing")
    .action(async (name: string | undefined, options: ChangeOptions) => {
      const place = await placeOf(name, options);
      const change = await planUninstall(place);
      const isChanged = await carryOut(context, change, options);
      if (options.dryRun) return;
      const title = titleOf(place.agent);
      context.terminal.print(
        isChanged
          ? `${title} has Televibe's hooks no more: ${nameOf(change)}`
          : `${title} has none of Televibe's hooks: ${nameOf(change)}`,
      );
    });

  addOptions(
    hooks.command("status").description("Show which agents have Televibe's hooks, and whether they can run"),
    BOTH,
  )
    .option("--json", "print it as JSON")
    .action(async (name: string | undefined, options: StatusOptions) => {
      const agents = name === undefined ? HOOK_AGENTS : [parseAgent(name)];
      const program = await hookProgram(context, options);
      const found = await Promise.all(agents.map((agent) => agentStatus(agent, scopesOf(options), program)));
      if (options.json) context.terminal.print(JSON.stringify(found.map(statusToJson)));
      else for (const each of found) for (const line of describeStatus(each)) context.terminal.print(line);
    });

  for (const command of hooks.commands) command.exitOverride();
}

function addOptions(command: Command, ofUser: string): Command {
  command
    .argument("[agent]", HOOK_AGENTS.join(" or "))
    .option("--user", `for all that you do with it${ofUser}`)
    .option("--project", "for this project alone, in its own settings");
  return addDataDir(command);
}

async function placeOf(name: string | undefined, options: ScopeOptions): Promise<Place> {
  const agent = parseAgent(name);
  const path = await settingsPath(agent, scopeOf(options), whereabouts());
  return { agent, path, dataDir: dataDirectory(process.env, options.dataDir) };
}

function parseAgent(name: string | undefined): HookAgent {
  if (name === undefined) throw usageError(`Which agent? Write ${HOOK_AGENTS.join(" or ")} behind it.`);
  if (!isHookAgent(name)) throw usageError(`"${name}" is no agent with hooks; write ${HOOK_AGENTS.join(" or ")}`);
  return name;
}

/** Where one is needed, the user's own is it unless another is chosen. */
function scopeOf(options: ScopeOptions): HookScope {
  return scopesOf(options)[0] ?? "user";
}

function whereabouts(): Whereabouts {
  return { env: process.env, cwd: currentFolder() };
}

/** All of them where none is chosen; the user's own is the first. */
function scopesOf({ user, project }: ScopeOptions): readonly HookScope[] {
  if (user && project) throw usageError("Write --user or --project, not both");
  if (user) return ["user"];
  return project ? ["project"] : ["user", "project"];
}

async function hookProgram({ script }: CliContext, { dataDir }: DataDirOption): Promise<HookProgram> {
  const chosen = dataDirectory(process.env, dataDir);
  return {
    runtime: await lastingRuntime(process.execPath, process.env),
    isElectron: process.versions["electron"] !== undefined,
    runtimeFlags: [],
    script,
    // An agent may be started where the environment says nothing of it.
    dataDir: chosen === dataDirectory({}) ? undefined : chosen,
  };
}

/** Answers whether there was anything to change. */
async function carryOut({ terminal }: CliContext, change: Change, { dryRun }: ChangeOptions): Promise<boolean> {
  const isChanged = change.before !== change.after;
  if (!dryRun) {
    await change.apply();
    return isChanged;
  }
  if (!isChanged) terminal.note(`Nothing would change in ${nameOf(change)}`);
  else if (nameOf(change) !== change.path) terminal.note(`What would change is ${nameOf(change)}`);
  const name = (text: string | undefined) => (text === undefined ? NO_FILE : change.path);
  const names = { before: name(change.before), after: name(change.after) };
  for (const line of unifiedDiff(names, change.before ?? "", change.after ?? "")) terminal.print(line);
  return isChanged;
}

function nameOf({ path, target }: Change): string {
  return withTarget(path, target);
}

/** Others on the project would see a failing hook at each step. */
const SHARED = "It names files of this machine: do not share these settings with people who have them elsewhere.";

function nextStep(agent: HookAgent): string {
  return agent === "codex"
    ? "Codex asks you to trust them when it starts next; until then it does not run them."
    : "Sessions that start from now on are shown; `televibe hooks uninstall claude` undoes it.";
}
