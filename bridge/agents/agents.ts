/** Owns which agents there are. */
import type { HookAgent } from "../../shared/protocol/agentHook.ts";
import type { Agent } from "./agent.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";

export const AGENTS: Readonly<Record<HookAgent, Agent>> = { claude, codex };
