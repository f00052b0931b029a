import { expect, it } from "vitest";
import { bridgeLaunch } from "../../../extension/bridge/connection.ts";
import manifest from "../../../package.json" with { type: "json" };

/** In a remote window VS Code offers to forward each port that is listened on, unless told what listens there. */
it("keeps VS Code from offering to forward the bridge's port", () => {
  const attributes = Object.entries(manifest.contributes.configurationDefaults["remote.portsAttributes"]);
  const { command, args } = bridgeLaunch(
    "/home/ada/.vscode-server/extensions/televibe.televibe-0.1.0/dist/televibe.js",
  );
  const commandLine = [command, ...args].join(" ");
  const ignored = attributes.filter(([pattern]) => new RegExp(pattern).test(commandLine));
  expect(ignored.map(([, { onAutoForward }]) => onAutoForward)).toEqual(["ignore"]);
});
