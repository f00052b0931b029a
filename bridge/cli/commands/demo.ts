/** Owns `televibe demo`. */
import type { Command } from "commander";
import { paths } from "../../../shared/client/dataPaths.ts";
import { usageError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { DemoClock } from "../demo/demoClock.ts";
import { DEMO_PROJECT_NAME } from "../demo/demoProject.ts";
import { playDemo } from "../demo/playDemo.ts";
import { keepDemoShortly, removeDemo } from "../demo/removeDemo.ts";
import { interruption } from "../interruption.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface DemoOptions extends DataDirOption {
  readonly speed: number;
  readonly telegram?: boolean;
  readonly remove?: boolean;
}

const MAX_SPEED = 100;
const EXIT_INTERRUPTED = 130;

export function registerDemo(program: Command, context: CliContext): void {
  const command = program
    .command("demo")
    .description("Play an hour of three made-up sessions in a minute, to see what Televibe shows")
    .option("--speed <factor>", "how many times as fast", parseSpeed, 1)
    .option("--telegram", "tell paired Telegram chats of it too; they are spared otherwise")
    .option("--remove", "take the demo away, wherever it is shown")
    .addHelpText("after", "\nExamples:\n  televibe demo\n  televibe demo --remove");
  addDataDir(command).action(async (options: DemoOptions) => {
    const access = new BridgeAccess(context, options.dataDir);
    if (options.remove) await remove(access, context);
    else await play(access, context, options);
  });
}

async function play(access: BridgeAccess, { terminal }: CliContext, { speed, telegram }: DemoOptions): Promise<void> {
  await keepDemoShortly(await access.client());
  terminal.print(
    `Three sessions are played in the project "${DEMO_PROJECT_NAME}". Watch them in VS Code's sidebar, or`,
  );
  terminal.print("with `televibe sessions` in another terminal. Ctrl-C ends it.");
  const outcome = await playDemo({
    connect: (signal) => access.open(signal),
    clock: new DemoClock(speed),
    visibility: telegram === true ? "public" : "internal",
    interrupted: interruption(),
    onAsked: (approvalId, action) => {
      terminal.print(`An agent asks for approval: ${action}`);
      terminal.print(`Answer it in VS Code, or with: televibe approve ${approvalId}`);
    },
  });
  if (outcome === "removed") {
    terminal.print("The demo was removed.");
    return;
  }
  if (outcome === "stopped") process.exitCode = EXIT_INTERRUPTED;
  const end = outcome === "stopped" ? "Its jobs are canceled." : "That was the demo.";
  terminal.print(`${end} Take it away with: televibe demo --remove`);
}

async function remove(access: BridgeAccess, { terminal }: CliContext): Promise<void> {
  const wasThere = await removeDemo(await access.client());
  // Loaded here: nothing else of the command needs what reads rules.
  const { removeDemoRules } = await import("../demo/removeDemoRules.ts");
  const hadRules = await removeDemoRules(paths(access.dataDir).rules);
  terminal.print(
    wasThere
      ? "The demo is gone from every surface; its events and logs are removed within a day or two."
      : "There is no demo to remove.",
  );
  if (hadRules === true) terminal.print("The rules that answers to it made are gone.");
  else if (hadRules !== false) terminal.note(`Rules that answers to it made may be left: ${hadRules.message}`);
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed > 0 && speed <= MAX_SPEED))
    throw usageError(`"${text}" is no speed; write a number above 0, up to ${MAX_SPEED}`);
  return speed;
}
