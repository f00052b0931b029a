/** Owns what the status bar item says: short text with icons, and whole sentences for its tooltip. Pure. */
import type { ConnectionStatus } from "../../shared/client/connectionStatus.ts";
import type { Health } from "../../shared/protocol/health.ts";
import type { State } from "../../shared/state/state.ts";
import { countdown, timeLeftMs } from "../../shared/text/countdown.ts";
import { isBridgeAway } from "../bridge/bridgeAway.ts";
import { pendingApprovals, runningJobs } from "../store/selectors.ts";
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

/** The time left is only worth its place once it runs out. */
const MAX_LEFT_MS = 5 * 60_000;

export function statusText(
  status: ConnectionStatus,
  state: State,
  health: Health | undefined,
  nowMs: number,
): StatusText {
  const connection = connectionSentence(status);
  if (status.state !== "connected") {
    const isAway = isBridgeAway(status);
    const text = isAway ? "$(warning) Televibe away" : "$(sync~spin) Televibe connecting";
    const waiting = pendingApprovals(state).length;
    const sentences =
      waiting === 0 ? [connection] : [connection, `When it was last seen, ${waitingSentence(waiting)}.`];
    return { text, sentences, spoken: connection, isWarning: isAway };
  }
  const running = runningJobs(state).length;
  const waiting = pendingApprovals(state).length;
  const warnings = health?.warnings ?? [];
  const words = [
    running === 0 ? "$(pulse) Televibe" : `$(pulse) ${running} running`,
    ...(waiting === 0 ? [] : [`$(bell) ${[String(waiting), ...runningOut(state, nowMs)].join(" · ")}`]),
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

/** What is decided next by the passing of time, where that is soon. */
function runningOut(state: State, nowMs: number): readonly string[] {
  const soon = pendingApprovals(state)
    .flatMap((approval) => {
      const leftMs = timeLeftMs(approval, nowMs);
      return leftMs === undefined || leftMs > MAX_LEFT_MS ? [] : [{ approval, leftMs }];
    })
    .sort((a, b) => a.leftMs - b.leftMs);
  return soon.slice(0, 1).flatMap(({ approval }) => countdown(approval, nowMs) ?? []);
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
