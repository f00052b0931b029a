/**
 * Owns `televibe hook`: what an agent calls at each of its steps, with what it does on standard input.
 *
 * Most steps need no answer: they are left in a folder, from which a bridge takes them as they come, or once it runs. That
 * costs a third of what a connection does. A permission request is put to the bridge that runs, and what it answers is
 * printed; where the hook gives up and no bridge hears it, the request is left in the folder too. Where a person begins to
 * work and no bridge runs, one is started.
 *
 * It is never in the agent's way: whatever goes wrong, it ends at once with exit code 0 and prints nothing, so that the agent
 * goes on, or asks at its own terminal what it would have asked through us.
 */
import { dataDirectory } from "../../shared/client/dataDirectory.ts";
import type { HookAnswer, HookCall } from "../../shared/protocol/agentHook.ts";
import type { AskTimes } from "./answerWait.ts";
import { leaveCall } from "./callSpool.ts";
import { isTooLarge, newCall, shorten } from "./hookCall.ts";
import { asksPermission, beginsWork, parseHookInput } from "./hookInput.ts";
import { type HookWords, readHookWords } from "./hookWords.ts";
import type { HookReply } from "./runningBridge.ts";
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
  const text = readInput(MAX_INPUT_BYTES);
  if (text === undefined) return note(`the agent's input is larger than ${MAX_INPUT_BYTES} bytes, and was left out`);
  const input = parseHookInput(text);
  if (input === undefined) return note("standard input is no JSON object; this command is for agents to call");

  let call = newCall(input);
  if (isTooLarge(call)) {
    // Nobody must be asked about the half of a command.
    if (asksPermission(input))
      return note("what is to be approved is too large or too deeply nested to be shown; the agent asks by itself");
    const shorter = shorten(call);
    if (shorter === undefined) return note("the agent's input is too large, and was left out");
    call = shorter;
  }

  const dataDir = dataDirectory(env, words.dataDir);
  if (asksPermission(input)) {
    const output = await answerTo(call, dataDir, words);
    if (output !== undefined) print(output);
    return;
  }
  if (!leaveCall(dataDir, words.agent, call)) note("too much waits for a bridge already; this was left out");
  if (beginsWork(input)) await haveBridge(dataDir, words.deliveryMs, script);
}

/** What is to be printed; undefined where nobody answered, whereupon the agent asks by itself. */
async function answerTo(call: HookCall, dataDir: string, words: HookWords): Promise<string | undefined> {
  const { agent, waitMs, deliveryMs, graceMs } = words;
  // What this needs is loaded here: most calls are done with a file.
  const { askForAnswer, deliver, giveUp } = await import("./runningBridge.ts");
  const reply = await deliver(dataDir, agent, call, deliveryMs);
  if (reply.kind === "answer") return reply.output;
  if (reply.kind === "done") return undefined;
  // It may have been taken all the same.
  if (reply.kind === "lost") leaveCall(dataDir, agent, call);
  if (reply.kind !== "wait") throw new Error(`The question was left to the agent: ${whyNot(reply)}`);
  const { awaitAnswer, endWithAgent } = await import("./answerWait.ts");
  endWithAgent();
  const ask = (...times: AskTimes) => askForAnswer(dataDir, agent, reply.approval_id, ...times);
  return awaitAnswer({
    waitMs,
    graceMs,
    ask,
    giveUp: async (timeoutMs) => {
      const farewell = await giveUp(dataDir, agent, reply.approval_id, timeoutMs);
      // Whichever bridge comes next is to know that the agent goes on, and did not end with its hook.
      if (farewell.kind === "away" || farewell.kind === "lost") leaveCall(dataDir, agent, call);
      return farewell;
    },
  });
}

function whyNot(reply: Exclude<HookReply, HookAnswer>): string {
  if (reply.kind === "refused") return `the bridge refused it (${reply.reason})`;
  return reply.kind === "away" ? "no bridge runs" : "the bridge did not answer in time";
}

async function haveBridge(dataDir: string, timeoutMs: number, script: string): Promise<void> {
  const { isRunning } = await import("./runningBridge.ts");
  if (await isRunning(dataDir, timeoutMs)) return;
  const { startInBackground } = await import("./backgroundBridge.ts");
  startInBackground(dataDir, script);
}
