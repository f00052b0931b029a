/** Owns the settings of a workbench that says nothing by itself: whatever shows up in a test is ours. */

export const QUIET_SETTINGS = {
  // A welcome page and walkthroughs would open editors, and tests look at the editors that we open.
  "workbench.startupEditor": "none",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  // The chat takes a third of the window, and its own first-run pages with it.
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.commandCenter.enabled": false,
  // A modal question whether the folder is trusted would stand before everything else.
  "security.workspace.trust.enabled": false,
  // Nobody counts the runs of our tests.
  "telemetry.telemetryLevel": "off",
  // The version under test is pinned: a notification about a newer one would be counted as ours.
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  // Git's extension would run in the repository under test while a job's changes are counted, and take its lock.
  "git.autorefresh": false,
  "git.autofetch": false,
  // It asks whether to open the repository above the opened folder, with a notification.
  "git.openRepositoryInParentFolders": "never",
  // A page that closes with something in it would ask first, and never close.
  "window.confirmBeforeClose": "never",
};
