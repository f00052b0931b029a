/** Builds a healthy bridge's report, with what a test says otherwise. */
import type { Health } from "../../shared/protocol/health.ts";

export function healthWith(facts: Partial<Health> = {}): Health {
  return {
    status: "healthy",
    queue_size: 0,
    handlers_registered: 1,
    version: "1.2.3",
    protocol: 1,
    instance_id: "i",
    pid: 42,
    started_at: "2026-11-23T09:00:00.000Z",
    store: { state: "open", epoch: "aaaaaaaa", first_seq: 1, last_seq: 9, bytes: 100 },
    bus: { kind: "embedded", state: "connected", away_since: null, waiting: 0 },
    telegram: { state: "off", detail: null, paired_chats: 0, queued_messages: 0 },
    running_jobs: 0,
    pending_approvals: 0,
    streams: 1,
    warnings: [],
    ...facts,
  };
}
