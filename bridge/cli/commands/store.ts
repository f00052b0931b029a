/** Owns `televibe store`: the group of commands that look after the event store. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { registerStoreRetention } from "./storeRetention.ts";

export function registerStore(program: Command, context: CliContext): void {
  const store = program.command("store").description("Look after the event store: what it holds, and for how long");
  for (const register of [registerStoreRetention]) register(store, context);
  for (const command of store.commands) command.exitOverride();
}
