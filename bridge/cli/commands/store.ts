/** Owns `televibe store`: the group of commands that look after the event store. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { registerStoreCompact } from "./storeCompact.ts";
import { registerStoreExport } from "./storeExport.ts";
import { registerStoreImport } from "./storeImport.ts";
import { registerStoreInfo } from "./storeInfo.ts";
import { registerStoreRetention } from "./storeRetention.ts";
import { registerStoreVerify } from "./storeVerify.ts";

/** In the order of `--help`. */
const REGISTER = [
  registerStoreInfo,
  registerStoreVerify,
  registerStoreCompact,
  registerStoreRetention,
  registerStoreExport,
  registerStoreImport,
];

export function registerStore(program: Command, context: CliContext): void {
  const store = program
    .command("store")
    .description("Look after the event store: what it holds, for how long, and whether it is whole")
    .addHelpText("after", "\nExample:\n  televibe store info");
  for (const register of REGISTER) register(store, context);
  for (const command of store.commands) command.exitOverride();
}
