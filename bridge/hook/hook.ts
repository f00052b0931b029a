/**
 * Owns `televibe hook`: what an agent calls at each of its steps, with what it does on standard input.
 *
 * Most steps need no answer: they are left in a folder for the bridge, running or not, which costs less than a connection. A
 * permission request is asked of the bridge, and what it answers is printed; so is the beginning of work, which is when a
 * bridge is started if there is none.
 *
 * It is never in the agent's way: whatever goes wrong, it ends at once with exit code 0 and prints nothing, so that the agent
 * goes on, or asks at its own terminal what it would have asked through us.
 */
import { dataDirectory } from "../../shared/client/dataDirectory.ts";
import type { HookAgent, HookCall } from "../../shared/protocol/agentHook.ts";
import type { AskTimes } from "./answerWait.ts";
import { leaveCall } from "./callSpool.ts";
import { isTooLarge, newCall, shorten } from "./hookCall.ts";
import { asksPermission, beginsWork, parseHookInput } from "./hookInput.ts";
import { type HookWords, readHookWords } from "./hookWords.ts";
import { note, print, readInput } from "./standardStreams.ts";

/** More than an agent ever says at a time. */
const MAX_INPUT_BYTES = 16 * 1024 * 1024;

export interface HookEnvironment {
  readonly env: NodeJS.ProcessEnv;
  /** The bundle that a bridge in the background runs. */
  readonly script: string;
}

/** Does what the words ask for and ends the process, if they are those of a hook; answers whether they were. */
export function runHook(words: readonly string[], environment: HookEnvironment): boolean {
  const wanted = readHookWords(words);
  if (wanted === undefined) return false;
  const end = () => process.exit(0);
  handle(wanted, environment).then(end, (error: unknown) => {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (environment.env["TELEVIBE_DEBUG"]) note(said);
    end();
  });
  return true;
}

async function handle(words: HookWords, { env, script }: HookEnvironment): Promise<void> {
  const { agent, waitMs, deliveryMs, graceMs } = words;
  const text = readInput(MAX_INPUT_BYTES);
  if (text === undefined) return note(`the agent's input is larger than ${MAX_INPUT_BYTES} bytes, and was left out`);
  const input = parseHookInput(text);
  if (input === undefined) return note("standard input is no JSON object; this command is for agents to call");

  let call = newCall(input);
  if (isTooLarge(call)) {
    // Nobody must be asked about the half of a command.
    if (asksPermission(input)) return note("what is to be approved is too large to be shown; the agent asks by itself");
    const shorter = shorten(call);
    if (shorter === undefined) return note("the agent's input is too large, and was left out");
    call = shorter;
  }

  const dataDir = dataDirectory(env, words.dataDir);
  if (!asksPermission(input) && !beginsWork(input)) return leave(dataDir, agent, call);

  // Loaded here: most calls are done with a file.
  const { askForAnswer, deliver } = await import("./runningBridge.ts");
  const reply = await deliver(dataDir, agent, call, deliveryMs);
  switch (reply.kind) {
    case "done":
      return;
    case "answer":
      return print(reply.output);
    case "wait": {
      const { awaitAnswer, endWithAgent } = await import("./answerWait.ts");
      endWithAgent();
      const ask = (...times: AskTimes) => askForAnswer(dataDir, agent, reply.approval_id, ...times);
      const output = await awaitAnswer({ waitMs, graceMs, ask });
      return output === undefined ? undefined : print(output);
    }
    case "refused":
      throw new Error(`The bridge refused the call (${reply.reason})`);
    case "away":
    case "lost":
      // A question that comes late has been answered at the agent's own terminal.
      if (!asksPermission(input)) leave(dataDir, agent, call);
      if (reply.kind === "away" && beginsWork(input)) {
        const { startInBackground } = await import("./backgroundBridge.ts");
        startInBackground(dataDir, script);
      }
  }
}

function leave(dataDir: string, agent: HookAgent, call: HookCall): void {
  if (!leaveCall(dataDir, agent, call)) note("too much waits for a bridge already; this was left out");
}
