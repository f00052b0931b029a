/** Owns what `orchestrator.*` does to the state. */
import type { EventOf } from "../events/event.ts";
import type { Draft } from "./draft.ts";

type OrchestratorEvent =
  | EventOf<"orchestrator.started">
  | EventOf<"orchestrator.stopped">
  | EventOf<"orchestrator.error">;

export function reduceOrchestrator(draft: Draft, event: OrchestratorEvent): void {
  const base = {
    project_id: event.project_id,
    instance_id: event.source.instance_id,
    updated_at: event.timestamp,
    error: null,
  };
  switch (event.event_type) {
    case "orchestrator.started":
      draft.putOrchestrator({ ...base, state: "running" });
      return;
    case "orchestrator.stopped":
      draft.putOrchestrator({ ...base, state: "stopped" });
      return;
    case "orchestrator.error":
      draft.putOrchestrator({ ...base, state: "error", error: event.data.error });
  }
}
