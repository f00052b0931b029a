/** Owns what the hook asks of the bridge that runs: whether it is there, to put a question, and how a person answered, or that it is too late for that. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DISCOVERY_FILE } from "../../shared/client/dataNames.ts";
import type { HookAgent, HookAnswer, HookCall } from "../../shared/protocol/agentHook.ts";
import { type DiscoveryEntry, parseDiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { exchange, openConnection, type Reply, type Request } from "./exchange.ts";

export type HookReply =
  | HookAnswer
  /** No bridge runs. */
  | { readonly kind: "away" }
  /** There is one, and no answer to be had from it just now. */
  | { readonly kind: "lost" }
  /** It will answer the same however often it is asked. */
  | { readonly kind: "refused"; readonly reason: string };

/** What is wrong with the request itself. Anything else may pass, such as a bridge that is just stopping. */
const REFUSALS: readonly number[] = [400, 404, 413, 415, 422];

/** Whether there is somebody to talk to, however slow. */
export async function isRunning(dataDir: string, timeoutMs: number): Promise<boolean> {
  const entry = readEntry(dataDir);
  if (entry === undefined) return false;
  const socket = await openConnection(entry, timeoutMs);
  socket?.destroy();
  return socket !== undefined;
}

/** Puts a question; the answer is there already, or is to be waited for. */
export async function deliver(
  dataDir: string,
  agent: HookAgent,
  call: HookCall,
  timeoutMs: number,
): Promise<HookReply> {
  const request = { method: "POST", path: `/v1/hooks/${agent}`, body: JSON.stringify(call) } as const;
  return ask(dataDir, request, timeoutMs);
}

/** Asks how an approval was answered; the bridge waits up to `waitSeconds` for it. `wait` is answered while it is open. */
export async function askForAnswer(
  dataDir: string,
  agent: HookAgent,
  approvalId: string,
  waitSeconds: number,
  timeoutMs: number,
): Promise<HookReply> {
  const path = `${answerPath(agent, approvalId)}?wait=${waitSeconds}`;
  return ask(dataDir, { method: "GET", path }, timeoutMs);
}

/** Says that nobody waits for the answer any longer; what was decided in the last moment is answered still. */
export async function giveUp(
  dataDir: string,
  agent: HookAgent,
  approvalId: string,
  timeoutMs: number,
): Promise<HookReply> {
  return ask(dataDir, { method: "DELETE", path: answerPath(agent, approvalId) }, timeoutMs);
}

function answerPath(agent: HookAgent, approvalId: string): string {
  return `/v1/hooks/${agent}/answers/${encodeURIComponent(approvalId)}`;
}

async function ask(dataDir: string, request: Request, timeoutMs: number): Promise<HookReply> {
  // Read each time: a bridge that was started again may be somewhere else.
  const entry = readEntry(dataDir);
  if (entry === undefined) return { kind: "away" };
  const reply = await exchange(entry, request, timeoutMs);
  return reply.kind === "answered" ? readAnswer(reply) : reply;
}

/** A file that is damaged is the same as none. */
function readEntry(dataDir: string): DiscoveryEntry | undefined {
  let text: string;
  try {
    text = readFileSync(join(dataDir, DISCOVERY_FILE), "utf8");
  } catch {
    // Not there, or not ours to read: either way there is no bridge to be had.
    return undefined;
  }
  const entry = parseDiscoveryEntry(text);
  return entry !== undefined && URL.canParse(entry.url) ? entry : undefined;
}

function readAnswer({ status, body }: Reply & { kind: "answered" }): HookReply {
  if (REFUSALS.includes(status)) return { kind: "refused", reason: `${status}: ${body}` };
  if (status !== 200) return { kind: "lost" };
  const answer: unknown = JSON.parse(body);
  if (typeof answer !== "object" || answer === null) return { kind: "lost" };
  const { kind, output, approval_id }: Record<string, unknown> = { ...answer };
  if (kind === "done") return { kind };
  if (kind === "answer" && typeof output === "string") return { kind, output };
  if (kind === "wait" && typeof approval_id === "string") return { kind, approval_id };
  return { kind: "lost" };
}
