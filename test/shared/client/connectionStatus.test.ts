import { describe, expect, it } from "vitest";
import { type ConnectionStatus, type ConnectionStep, nextStatus } from "../../../shared/client/connectionStatus.ts";
import type { DiscoveryEntry } from "../../../shared/protocol/discovery.ts";

const entry: DiscoveryEntry = {
  schema: 1,
  instance_id: "one",
  pid: 1,
  version: "0.1.0",
  protocol: 1,
  socket: null,
  url: "http://127.0.0.1:1",
  token: "secret",
  started_at: "2026-11-23T09:00:00.000Z",
  data_dir: "/data",
};
const since = "2026-11-23T09:00:00.000Z";
const later = "2026-11-23T09:00:05.000Z";

const stopped: ConnectionStatus = { state: "stopped" };
const connecting: ConnectionStatus = { state: "connecting" };
const connected: ConnectionStatus = { state: "connected", entry };
const reconnecting: ConnectionStatus = { state: "reconnecting", since, attempt: 2, reason: "gone" };

const start: ConnectionStep = { kind: "started" };
const open: ConnectionStep = { kind: "opened", entry };
const lose: ConnectionStep = { kind: "lost", reason: "refused", at: later };
const stop: ConnectionStep = { kind: "stopped" };

describe("the connection's status", () => {
  it.each<{ from: ConnectionStatus; step: ConnectionStep; to: ConnectionStatus }>([
    { from: stopped, step: start, to: connecting },
    { from: stopped, step: open, to: stopped },
    { from: stopped, step: lose, to: stopped },
    { from: stopped, step: stop, to: stopped },
    { from: connecting, step: start, to: connecting },
    { from: connecting, step: open, to: connected },
    { from: connecting, step: lose, to: { state: "reconnecting", since: later, attempt: 1, reason: "refused" } },
    { from: connecting, step: stop, to: stopped },
    { from: connected, step: start, to: connected },
    { from: connected, step: open, to: connected },
    { from: connected, step: lose, to: { state: "reconnecting", since: later, attempt: 0, reason: "refused" } },
    { from: connected, step: stop, to: stopped },
    { from: reconnecting, step: start, to: reconnecting },
    { from: reconnecting, step: open, to: connected },
    { from: reconnecting, step: lose, to: { state: "reconnecting", since, attempt: 3, reason: "refused" } },
    { from: reconnecting, step: stop, to: stopped },
  ])("$from.state, $step.kind: $to.state", ({ from, step, to }) => {
    expect(nextStatus(from, step)).toEqual(to);
  });
});
