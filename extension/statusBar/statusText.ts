/** Owns what the status bar item says: short text with icons, and whole sentences for its tooltip. Pure. */
import type { ConnectionStatus } from "../../shared/client/connectionStatus.ts";
import type { Health } from "../../shared/protocol/health.ts";
import type { State } from "../../shared/state/state.ts";
import { isBridgeAway } from "../bridge/bridgeAway.ts";
import { activeJobs, pendingApprovals } from "../store/selectors.ts";
import { waitingSentence } from "../text/approvalText.ts";
import { count } from "../text/count.ts";

export interface StatusText {
  readonly text: string;
  /** Sentences, a line each. */
  readonly sentences: readonly string[];
  /** What a screen reader says. */
  readonly spoken: string;
  /** Drawn on a background that warns. */
  readonly isWarning: boolean;
}

export function statusText(status: ConnectionStatus, state: State, health: Health | undefined): StatusText {
  const connection = connectionSentence(status);
  if (status.state !== "connected") {
    const isAway = isBridgeAway(status);
    const text = isAway ? "$(warning) Televibe away" : "$(sync~spin) Televibe connecting";
    const waiting = pendingApprovals(state).length;
    const sentences =
      waiting === 0 ? [connection] : [connection, `When it was last seen, ${waitingSentence(waiting)}.`];
    return { text, sentences, spoken: connection, isWarning: isAway };
  }
  const running = activeJobs(state).length;
  const waiting = pendingApprovals(state).length;
  const warnings = health?.warnings ?? [];
  const words = [
    running === 0 ? "$(pulse) Televibe" : `$(pulse) ${running} running`,
    ...(waiting === 0 ? [] : [`$(bell) ${waiting}`]),
    ...(warnings.length === 0 ? [] : ["$(warning)"]),
  ];
  const counts = `${running === 0 ? "No job is" : running === 1 ? "1 job is" : `${running} jobs are`} running.`;
  const waits = waiting === 0 ? [] : [`${waitingSentence(waiting)} for an answer.`];
  return {
    text: words.join(" "),
    sentences: [connection, counts, ...waits, ...warnings],
    spoken:
      `Televibe is connected. ${counts} ${waits.join(" ")}${warnings.length === 0 ? "" : ` ${count(warnings.length, "warning")}.`}`.trim(),
    isWarning: waiting > 0,
  };
}

export function connectionSentence(status: ConnectionStatus): string {
  switch (status.state) {
    case "connecting":
      return "Connecting to the bridge.";
    case "connected":
      return `Connected to the bridge (version ${status.entry.version}, process ${status.entry.pid}).`;
    case "reconnecting":
      return `The bridge is away: ${status.reason.split("\n", 1)[0] ?? ""}`;
    case "stopped":
      return "Not connected to the bridge.";
  }
}
