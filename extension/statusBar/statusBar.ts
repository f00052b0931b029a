/** Owns the status bar item: the connection, the jobs that run, and the approvals that wait, in one glance. */
import { StatusBarAlignment, ThemeColor, window } from "vscode";
import { CountdownTimer } from "../../shared/client/countdownTimer.ts";
import { countdownChangesInMs } from "../../shared/text/countdown.ts";
import { COMMANDS } from "../contributions.ts";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { pendingApprovals } from "../store/selectors.ts";
import { statusText } from "./statusText.ts";

export class StatusBar extends Lifetime {
  constructor(store: LiveStore) {
    super();
    const item = this._register(window.createStatusBarItem("televibe.status", StatusBarAlignment.Left));
    item.name = "Televibe";
    item.command = COMMANDS.showStatus;
    let shown = "";
    const draw = () => {
      const { text, sentences, spoken, isWarning } = statusText(store.status, store.state, store.health, Date.now());
      const tooltip = sentences.join("\n");
      // Each assignment crosses to the window; a busy stream changes none of this most of the time.
      const drawn = JSON.stringify([text, tooltip, spoken, isWarning]);
      if (drawn === shown) return;
      shown = drawn;
      item.text = text;
      item.tooltip = tooltip;
      item.accessibilityInformation = { label: spoken };
      item.backgroundColor = isWarning ? new ThemeColor("statusBarItem.warningBackground") : undefined;
    };
    const countdowns = this._register(
      new CountdownTimer({
        shown: () => pendingApprovals(store.state),
        changesInMs: countdownChangesInMs,
        onDue: draw,
      }),
    );
    this._register(store.onStatus(draw));
    this._register(
      store.onDidChange((_, { approvals }) => {
        draw();
        if (approvals.size > 0) countdowns.look();
      }),
    );
    this._register(store.onHealth(draw));
    draw();
    item.show();
  }
}
