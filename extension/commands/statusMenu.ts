/** Owns what the status menu says and offers: how the bridge does, what is wrong, and what can be done. Pure. */
import type { ConnectionStatus } from "../../shared/client/connectionStatus.ts";
import type { BusHealth, Health, TelegramHealth } from "../../shared/protocol/health.ts";
import { COMMANDS, type CommandId } from "../contributions.ts";
import { count } from "../text/count.ts";
import { withoutIcons } from "../text/untrusted.ts";

export interface StatusEntry {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** What choosing it does; nothing, for one that only tells. */
  readonly command?: CommandId;
}

export interface StatusFacts {
  readonly status: ConnectionStatus;
  readonly health: Health | undefined;
  readonly pendingCount: number;
  readonly jobCount: number;
}

export function statusMenu(facts: StatusFacts): readonly StatusEntry[] {
  return [...connection(facts), ...parts(facts.health), ...actions(facts)];
}

function connection({ status, health }: StatusFacts): readonly StatusEntry[] {
  switch (status.state) {
    case "connected":
      return [
        {
          label: health?.status === "degraded" ? "$(warning) Connected, with warnings" : "$(pass) Connected",
          description: `version ${status.entry.version}, process ${status.entry.pid}`,
          detail: status.entry.data_dir,
        },
        ...(health?.warnings ?? []).map((warning): StatusEntry => ({ label: `$(warning) ${withoutIcons(warning)}` })),
      ];
    case "connecting":
      return [{ label: "$(sync~spin) Connecting to the bridge" }];
    case "reconnecting":
      return [
        {
          label: "$(warning) The bridge is away",
          detail: withoutIcons(status.reason.replace(/\s+/g, " ")),
          command: COMMANDS.showBridgeLog,
        },
      ];
    case "stopped":
      return [{ label: "$(debug-disconnect) Not connected" }];
  }
}

function parts(health: Health | undefined): readonly StatusEntry[] {
  if (health === undefined) return [];
  return [bus(health.bus), telegram(health.telegram)].filter((entry) => entry !== undefined);
}

function bus({ kind, state, away_since, waiting }: BusHealth): StatusEntry | undefined {
  if (kind === "embedded") return undefined;
  if (state === "connected") return { label: "$(pass) Redis: connected" };
  const detail = `Since ${away_since ?? "an unknown time"}; ${count(waiting, "event")} on this machine waiting for it`;
  return { label: "$(warning) Redis: away", detail };
}

const TELEGRAM_WORDS: Readonly<Record<TelegramHealth["state"], string>> = {
  off: "$(circle-outline) Telegram: off",
  connected: "$(pass) Telegram: connected",
  away: "$(warning) Telegram: away",
  conflict: "$(warning) Telegram: another program uses the same bot",
  unauthorized: "$(warning) Telegram: the bot's token is not accepted",
};

function telegram({ state, detail, paired_chats, queued_messages }: TelegramHealth): StatusEntry {
  const queued = queued_messages === 0 ? "" : `, ${count(queued_messages, "message")} queued`;
  return {
    label: TELEGRAM_WORDS[state],
    ...(state === "off" ? {} : { description: `${count(paired_chats, "paired chat")}${queued}` }),
    ...(detail === null ? {} : { detail }),
  };
}

function actions({ status, pendingCount, jobCount }: StatusFacts): readonly StatusEntry[] {
  const isConnected = status.state === "connected";
  return [
    ...(pendingCount === 0
      ? []
      : [
          {
            label: "$(bell) Review Approvals…",
            description: `${pendingCount} waiting`,
            command: COMMANDS.reviewApprovals,
          },
        ]),
    ...(jobCount === 0 ? [] : [{ label: "$(output) Tail Job Log", command: COMMANDS.tailJobLog }]),
    isConnected
      ? { label: "$(debug-restart) Restart Bridge…", command: COMMANDS.restartBridge }
      : { label: "$(play) Start Bridge", command: COMMANDS.startBridge },
    { label: "$(refresh) Reconnect", command: COMMANDS.reconnect },
    { label: "$(file) Show Bridge Log", command: COMMANDS.showBridgeLog },
  ];
}
