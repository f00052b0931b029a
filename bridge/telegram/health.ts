/** Owns how Telegram stands, in the words of `/healthz`. Pure. */
import type { TelegramHealth } from "../../shared/protocol/health.ts";
import type { ConnectionStatus } from "./api/connectionStatus.ts";

type State = Pick<TelegramHealth, "state" | "detail">;

export function connectionHealth(status: ConnectionStatus): State {
  switch (status.state) {
    case "connected":
      return { state: "connected", detail: null };
    case "connecting":
      return { state: "away", detail: "connecting" };
    case "stopped":
      return { state: "away", detail: "stopped" };
    case "away": {
      const { why, message } = status;
      return { state: why === "conflict" || why === "unauthorized" ? why : "away", detail: message };
    }
  }
}
