/** Owns `televibe telegram`. */
import type { Command } from "commander";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import { oneLine } from "../../../shared/text/oneLine.ts";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface TelegramOptions extends DataDirOption {
  readonly json?: boolean;
}

interface PairAnswer {
  readonly code: string;
  readonly link: string | null;
  readonly expires_at: string;
}

interface ChatsAnswer {
  readonly chats: readonly Chat[];
}

interface Chat {
  readonly chat_id: number;
  readonly title: string;
  readonly kind: string;
  readonly level: string;
  readonly muted_until: string | null;
  readonly lost: string | null;
}

export function registerTelegram(program: Command, context: CliContext): void {
  const telegram = program.command("telegram").description("Pair chats with the bridge's Telegram bot");
  const { terminal } = context;

  const pair = telegram
    .command("pair")
    .description("Make a one-time code that pairs a phone; it is good for 10 minutes")
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  televibe telegram pair");
  addDataDir(pair).action(async (options: TelegramOptions) => {
    const answer = await ask<PairAnswer>(context, options, "POST", "/v1/telegram/pair");
    if (options.json) {
      terminal.print(JSON.stringify(answer));
      return;
    }
    if (answer.link !== null) terminal.print(`Open on your phone: ${answer.link}`);
    terminal.print(`${answer.link === null ? "Send" : "Or send"} this to your bot: /start ${answer.code}`);
    terminal.note(`The code is good once, until ${new Date(answer.expires_at).toLocaleTimeString()}.`);
  });

  const chats = telegram
    .command("chats")
    .description("Show the chats that are paired")
    .option("--json", "print them as JSON");
  addDataDir(chats).action(async (options: TelegramOptions) => {
    const answer = await ask<ChatsAnswer>(context, options, "GET", "/v1/telegram");
    if (options.json) terminal.print(JSON.stringify(answer.chats));
    else if (answer.chats.length === 0) terminal.note("No chat is paired. `televibe telegram pair` makes a code.");
    else for (const chat of answer.chats) terminal.print(chatLine(chat));
  });

  const unpair = telegram
    .command("unpair")
    .description("Tell a chat nothing any more, and take no answers from it")
    .argument("<id>", "the chat, as `televibe telegram chats` lists it");
  addDataDir(unpair).action(async (id: string, options: TelegramOptions) => {
    await ask(context, options, "DELETE", `/v1/telegram/chats/${encodeURIComponent(id)}`);
    terminal.print(`Chat ${id} is not paired any more.`);
  });
}

function chatLine({ chat_id, kind, level, title, muted_until, lost }: Chat): string {
  const isMuted = muted_until !== null && Date.parse(muted_until) > Date.now();
  const facts = [
    `level ${level}`,
    ...(isMuted ? [`muted until ${new Date(muted_until).toLocaleString()}`] : []),
    ...(lost === null ? [] : [`not reached: ${lost}`]),
  ];
  // Its owner chose the title, and may have put anything in it.
  return `${chat_id}  ${kind}  ${oneLine(title, 60)}  (${facts.join(", ")})`;
}

async function ask<T>(
  context: CliContext,
  { dataDir }: TelegramOptions,
  method: "GET" | "POST" | "DELETE",
  path: string,
): Promise<T> {
  const client = await new BridgeAccess(context, dataDir).client();
  if ((await client.health()).telegram.state === "off") {
    throw new CliError(
      "The bridge that runs has no Telegram bot. Stop it (`televibe stop`) and start it with the token that @BotFather gave: TELEVIBE_TELEGRAM_TOKEN=… televibe bridge",
    );
  }
  try {
    return await client.json<T>(method, path);
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not_found") throw new CliError(error.message);
    throw error;
  }
}
