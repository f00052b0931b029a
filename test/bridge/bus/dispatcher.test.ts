import { expect, it } from "vitest";
import { Dispatcher } from "../../../bridge/bus/dispatcher.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { storedEvent } from "../../builders/storedEvent.ts";

it("gives a batch to those who were there when it came and are still there, each part of it whole", () => {
  const dispatcher = new Dispatcher(createLogger({ write: () => undefined, nowMs: Date.now }));
  const heard: string[] = [];
  const listen =
    (name: string, also: () => void = () => undefined) =>
    (batch: readonly { seq: number }[]) => {
      heard.push(`${name} ${batch.map(({ seq }) => seq).join(",")}`);
      also();
    };
  dispatcher.subscribe(
    "*",
    listen("all", () => removed[Symbol.dispose]()),
  );
  const removed = dispatcher.subscribe("*", listen("removed in time"));
  const adder = dispatcher.subscribe(
    "job.queued",
    listen("adder", () => {
      dispatcher.subscribe("job.queued", listen("late"));
      dispatcher.subscribe("task.*", listen("late"));
    }),
  );
  const batch = [
    storedEvent(1, { type: "job.queued", job: "j" }),
    storedEvent(2, { type: "task.completed", data: { task_id: "t" } }),
    storedEvent(3, { type: "job.queued", job: "j" }),
  ];

  dispatcher.dispatch(batch);
  expect(heard).toEqual(["all 1,2,3", "adder 1,3"]);
  heard.length = 0;
  adder[Symbol.dispose]();
  adder[Symbol.dispose]();
  dispatcher.dispatch(batch);
  expect(heard).toEqual(["all 1,2,3", "late 1,3", "late 2"]);
  expect(dispatcher.size).toBe(3);
});
