/** Owns `televibe doctor`. */
import type { Command } from "commander";
import { BridgeAccess, type CliContext } from "../context.ts";
import { examine } from "../doctor/examine.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface DoctorOptions extends DataDirOption {
  readonly json?: boolean;
}

export function registerDoctor(program: Command, context: CliContext): void {
  const command = program
    .command("doctor")
    .description("Say what is wrong and how to mend it; exit code 1 when something is")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", "\nExample:\n  televibe doctor");
  addDataDir(command).action(async (options: DoctorOptions) => {
    const { terminal, version } = context;
    const findings = await examine(new BridgeAccess(context, options.dataDir), version);
    if (options.json) {
      terminal.print(JSON.stringify(findings.map(({ isGood, text, mend }) => ({ is_good: isGood, text, mend }))));
    }
    for (const { isGood, text, mend } of options.json ? [] : findings) {
      terminal.print(`${isGood ? terminal.style("green", "✓") : terminal.style("red", "✗")} ${text}`);
      if (mend !== undefined) terminal.print(`  → ${mend}`);
    }
    process.exitCode = findings.every(({ isGood }) => isGood) ? 0 : 1;
  });
}
