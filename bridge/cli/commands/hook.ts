/** Owns `televibe hook` where it explains itself. An agent's call never comes here: `bridge/hook` answers it first. */
import { type Command, Option } from "commander";
import { HOOK_AGENTS } from "../../../shared/protocol/agentHook.ts";
import { DEFAULT_WAIT_SECONDS } from "../../hook/hookWords.ts";
import { usageError } from "../cliError.ts";
import { addDataDir } from "../sharedOptions.ts";

export function registerHook(program: Command): void {
  const command = program
    .command("hook")
    .description("Tell the bridge what a coding agent does (called by the agent itself)")
    .argument("<agent>", HOOK_AGENTS.join(" or "))
    .option("--wait <seconds>", "how long a permission request waits for its answer", String(DEFAULT_WAIT_SECONDS))
    .addOption(new Option("--delivery-ms <ms>", "how long the bridge may take to take a call").hideHelp())
    .addOption(new Option("--grace-ms <ms>", "how long the bridge may be away meanwhile").hideHelp())
    .addHelpText(
      "after",
      `
Agents call it at each of their steps, with the hook's JSON on standard input; \`televibe hooks install\` puts it into an
agent's settings. It is never in the agent's way: without a bridge it leaves what happened for the next one, and ends with
exit code 0. A permission request that gets no answer in time is asked at the agent's own terminal.

Environment:
  TELEVIBE_DEBUG   says on standard error what went wrong

Example:
  televibe hook claude < call.json`,
    );
  addDataDir(command).action((agent: string) => {
    const known = HOOK_AGENTS.some((each) => each === agent);
    throw usageError(
      known
        ? "--wait takes seconds: a whole number of up to six digits"
        : `There are no hooks of "${agent}"; there are those of ${HOOK_AGENTS.join(" and ")}`,
    );
  });
}
