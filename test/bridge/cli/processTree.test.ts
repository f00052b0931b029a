/** Which processes a canceled command takes along. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { descendantsOf, listProcesses, parseList } from "../../../bridge/cli/run/processTree.ts";

describe("a process's descendants", () => {
  const entry = (pid: number, parent: number) => ({ pid, parent });

  it.each([
    { what: "none of a process alone", processes: [entry(1, 0), entry(9, 1)], expected: [] },
    { what: "children", processes: [entry(10, 9), entry(11, 9), entry(12, 8)], expected: [10, 11] },
    { what: "children's children, in any order", processes: [entry(12, 11), entry(11, 9)], expected: [11, 12] },
    { what: "one that left its parent is not", processes: [entry(10, 9), entry(11, 1)], expected: [10] },
    {
      what: "a list that was torn while it was read",
      processes: [entry(9, 10), entry(10, 9), entry(10, 10)],
      expected: [10],
    },
  ])("$what", ({ processes, expected }) => {
    expect(descendantsOf(9, processes)).toEqual(expected);
  });

  it("are found among the machine's own processes", async () => {
    const script = "require('node:child_process').spawn('sleep', ['60']).once('spawn', () => console.log('ready'))";
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
    await once(child.stdout, "data");
    const found = descendantsOf(child.pid ?? 0, listProcesses());
    expect(found).toHaveLength(1);
    for (const pid of [...found, child.pid ?? 0]) process.kill(pid, "SIGKILL");
    await once(child, "exit");
  });
});

describe("what ps prints", () => {
  it("is read line by line, and what is no such line left out", () => {
    expect(parseList("    1     0\n 4711  1\n\n  PID  PPID\n12\n")).toEqual([
      { pid: 1, parent: 0 },
      { pid: 4711, parent: 1 },
    ]);
  });
});
