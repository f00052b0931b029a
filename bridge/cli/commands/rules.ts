/** Owns `televibe rules`: what is answered without asking, and what it would decide. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { paths } from "../../../shared/client/dataPaths.ts";
import {
  describeRule,
  type RuleCheck,
  type RuleCheckResult,
  type RulesInForce,
  type RuleTimeout,
} from "../../../shared/protocol/rules.ts";
import { spellOut } from "../../../shared/text/spellOut.ts";
import { findPlace } from "../../git/place.ts";
import { CliError, EXIT_USAGE } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface CheckOptions extends DataDirOption {
  readonly tool?: string;
  readonly path?: string;
  readonly scope?: string;
  readonly project?: string;
  readonly session?: string;
  readonly agent?: string;
  readonly json?: boolean;
}

export function registerRules(program: Command, context: CliContext): void {
  const rules = program
    .command("rules")
    .description("Show the rules that answer approvals without asking")
    .option("--json", "print them as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe rules\n  televibe rules check -- npm test\n  $EDITOR $(televibe rules path)",
    );
  addDataDir(rules).action(async (options: DataDirOption & { readonly json?: boolean }) => {
    const client = await new BridgeAccess(context, options.dataDir).client();
    const inForce = await client.json<RulesInForce>("GET", "/v1/rules");
    if (options.json) context.terminal.print(JSON.stringify(inForce));
    else for (const line of describe(inForce)) context.terminal.print(line);
    if (inForce.problem !== null) process.exitCode = EXIT_WRONG_FILE;
  });

  const path = rules.command("path").description("Print where the rules stand");
  addDataDir(path).action((options: DataDirOption) => {
    context.terminal.print(paths(new BridgeAccess(context, options.dataDir).dataDir).rules);
  });

  const check = rules
    .command("check")
    .description(
      "Say what would be decided, and by which rule; exit code 0 when it is allowed, 1 when denied, 2 when asked",
    )
    .argument("[command...]", "a command, behind --; one word is taken as the shell text that it is")
    .option("--tool <name>", "the agent's tool (default: Bash for a command of the scope command)")
    .option("--path <file>", "a file that would be touched")
    .option("--scope <name>", "what is asked for (default: command)")
    .option("--project <id>", "instead of this folder's")
    .option("--session <id>")
    .option("--agent <name>")
    .option("--json", "print the answer as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  televibe rules check -- npm test\n  televibe rules check 'npm test && git push'\n  televibe rules check --tool Edit --path src/a.ts --scope edit\n  televibe rules check --scope deploy",
    );
  addDataDir(check).action(async (words: readonly string[], options: CheckOptions) => {
    const asked = await readCheck(words, options);
    const client = await new BridgeAccess(context, options.dataDir).client();
    const result = await client.json<RuleCheckResult>("POST", "/v1/rules/check", { body: asked });
    context.terminal.print(options.json ? JSON.stringify(result) : describeResult(result));
    process.exitCode = EXIT_CODES[result.decision];
  });
}

/** What agents ask for most. */
const DEFAULT_SCOPE = "command";

const EXIT_WRONG_FILE = 1;
const EXIT_CODES = { allow: 0, deny: 1, ask: 2 } as const;

async function readCheck(words: readonly string[], options: CheckOptions): Promise<RuleCheck> {
  const { tool, path, scope = DEFAULT_SCOPE, project, session, agent } = options;
  if (words.length === 0 && (path ?? tool ?? options.scope) === undefined) {
    throw new CliError("Name a command, a --tool, a --path or a --scope to check.", EXIT_USAGE);
  }
  const [only = ""] = words;
  const command = words.length === 0 ? undefined : words.length === 1 ? only : words.map(quote).join(" ");
  const checkedTool = tool ?? (command === undefined || scope !== DEFAULT_SCOPE ? undefined : "Bash");
  const here = await findPlace(currentFolder());
  return {
    cwd: currentFolder(),
    project_id: project ?? here.project,
    ...(project === undefined ? { project_folder: here.projectFolder } : {}),
    scope,
    ...(command === undefined ? {} : { command }),
    ...(checkedTool === undefined ? {} : { tool: checkedTool }),
    ...(path === undefined ? {} : { path: resolve(currentFolder(), path) }),
    ...(session === undefined ? {} : { session_id: session }),
    ...(agent === undefined ? {} : { agent }),
  };
}

/** As a shell would have to be told the word, so that it is that word again. */
function quote(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function describeResult({ decision, rule, note }: RuleCheckResult): string {
  const because = rule === null ? "no rule fits, so people are asked" : `rule ${rule.index + 1}, ${rule.text}`;
  return `${decision}: ${because}${note === null ? "" : `. ${note}`}`;
}

function describe({ file, rules, timeouts, problem }: RulesInForce): readonly string[] {
  return [
    ...(problem === null ? [] : [`Wrong: ${problem}. Until it is mended no rule allows anything.`]),
    problem === null ? origin(file, rules.length) : lastGood(rules.length),
    ...rules.map(
      (rule, index) =>
        `${String(index + 1).padStart(4)}. ${describeRule(rule)}${rule.name ? ` (${spellOut(rule.name)})` : ""}`,
    ),
    ...timeouts.map(describeTimeout),
  ];
}

function origin(file: string, count: number): string {
  return count === 0
    ? `No rules; people are asked. They stand in ${file}`
    : `From ${file}, the first that fits decides:`;
}

function lastGood(count: number): string {
  if (count === 0) return "Its last good version has no rules; people are asked.";
  return "This is its last good version, whose allow rules ask meanwhile; the first that fits decides:";
}

function describeTimeout({ scope, project, after, decision = "deny" }: RuleTimeout): string {
  const what = scope === "*" ? "Everything" : scope;
  return `      ${what}${project === undefined ? "" : ` in ${project}`}: ${decision === "deny" ? "denied" : "approved"} after ${after}`;
}
