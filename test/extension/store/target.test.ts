import { describe, expect, it } from "vitest";
import { readTarget } from "../../../extension/store/target.ts";

describe("what a command is called with", () => {
  it.each([
    {
      name: "a row",
      argument: { id: "x", target: { project_id: "p", job_id: "j" } },
      target: { project_id: "p", job_id: "j" },
    },
    { name: "ids themselves", argument: { approval_id: "a", other: 1 }, target: { approval_id: "a" } },
    { name: "nothing", argument: undefined, target: undefined },
    { name: "a text", argument: "j1", target: undefined },
    { name: "something else", argument: { job_id: 7, path: "/x" }, target: undefined },
    { name: "an empty id", argument: { job_id: "" }, target: undefined },
  ])("$name", ({ argument, target }) => {
    expect(readTarget(argument)).toEqual(target);
  });
});
