/** Owns reading the user's settings, each checked and with its default. */
import { workspace } from "vscode";
import { dataDirectory } from "../../shared/client/dataDirectory.ts";
import { NOTIFICATION_MODES, type NotificationMode, SETTINGS } from "../contributions.ts";

/** Where this machine's bridge keeps its things: the setting, else the environment, else `~/.televibe`. */
export function readDataDirectory(): string {
  const chosen = workspace.getConfiguration().get<unknown>(SETTINGS.dataDir);
  return dataDirectory(process.env, typeof chosen === "string" ? chosen.trim() : "");
}

export function readNotificationMode(): NotificationMode {
  const chosen = workspace.getConfiguration().get<unknown>(SETTINGS.notifications);
  return NOTIFICATION_MODES.find((mode) => mode === chosen) ?? "matching";
}

export function readStartBridge(): boolean {
  return workspace.getConfiguration().get<unknown>(SETTINGS.startBridge) !== false;
}
