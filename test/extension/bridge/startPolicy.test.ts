import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BridgeConnection } from "../../../extension/bridge/connection.ts";
import { MAX_START_FAILURES, StartPolicy } from "../../../extension/bridge/startPolicy.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";

describe("whether a window starts a bridge", () => {
  const fresh = new StartPolicy();
  const failed = (times: number, policy = fresh) =>
    Array.from({ length: times }).reduce((before: StartPolicy) => before.afterFailure(), policy);

  it.each([
    { name: "at first, where the setting allows it", policy: fresh, isAllowed: true, mayStart: true },
    { name: "at first, where it does not", policy: fresh, isAllowed: false, mayStart: false },
    { name: "after some failures", policy: failed(MAX_START_FAILURES - 1), isAllowed: true, mayStart: true },
    { name: "after too many", policy: failed(MAX_START_FAILURES), isAllowed: true, mayStart: false },
    { name: "asked after too many", policy: failed(9).afterAsking(), isAllowed: true, mayStart: true },
    { name: "asked, against the setting", policy: fresh.afterAsking(), isAllowed: false, mayStart: true },
    { name: "asked, and failed again", policy: failed(3, fresh.afterAsking()), isAllowed: true, mayStart: false },
    { name: "failures before a success", policy: failed(2, failed(2).afterSuccess()), isAllowed: true, mayStart: true },
  ])("$name: $mayStart", ({ policy, isAllowed, mayStart }) => {
    expect(policy.mayStart(isAllowed)).toBe(mayStart);
  });
});

describe("a bridge that does not come up", () => {
  it("is started a few times, told once, and looked for after that with the reason kept", async () => {
    await using folder = await temporaryFolder();
    const [script, starts] = [join(folder.path, "start.cjs"), join(folder.path, "starts")];
    await writeFile(script, `require("node:fs").appendFileSync(${JSON.stringify(starts)}, "x"); process.exit(7);`);
    const told: string[] = [];
    const connection = new BridgeConnection({
      dataDir: () => folder.path,
      mayStart: () => true,
      launch: { command: process.execPath, args: [script] },
      onGivenUp: ({ message }) => told.push(message),
    });
    const tries = async (times: number) => {
      for (let time = 0; time < times; time += 1) {
        await expect(connection.connect(new AbortController().signal)).rejects.toThrow(/ended at once \(7\)/);
      }
      return (await readFile(starts, "utf8")).length;
    };
    expect(await tries(MAX_START_FAILURES + 2)).toBe(MAX_START_FAILURES);
    expect(told).toHaveLength(1);
    connection.allowStart();
    expect(await tries(1)).toBe(MAX_START_FAILURES + 1);
  });
});
