import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { dataDirectory } from "../../../shared/client/dataDirectory.ts";
import { paths } from "../../../shared/client/dataPaths.ts";

describe("the data directory", () => {
  it.each([
    { name: "what the user said", env: { TELEVIBE_DATA_DIR: "/from/env" }, override: "/said", directory: "/said" },
    { name: "what the environment says", env: { TELEVIBE_DATA_DIR: "/from/env" }, directory: "/from/env" },
    { name: "a relative one", env: {}, override: "here", directory: resolve("here") },
    { name: "an empty variable", env: { TELEVIBE_DATA_DIR: "" }, directory: join(homedir(), ".televibe") },
    { name: "nothing said", env: {}, directory: join(homedir(), ".televibe") },
  ])("is right for $name", ({ env, override, directory }) => {
    expect(dataDirectory(env, override)).toBe(directory);
  });
});

describe.skipIf(process.platform === "win32")("the socket's path", () => {
  it("is in the data directory", () => {
    expect(paths("/home/ada/.televibe").socketPath).toBe("/home/ada/.televibe/bridge.sock");
  });

  it("is a short one of its own where the directory's is too long for a socket", () => {
    const long = (end: string) => paths(`/home/ada/${"long/".repeat(20)}${end}`).socketPath;
    expect(Buffer.byteLength(long("a"))).toBeLessThanOrEqual(100);
    expect(long("a")).toBe(long("a/"));
    expect(long("a")).not.toBe(long("b"));
  });

  it("counts bytes, not characters", () => {
    expect(Buffer.byteLength(paths(`/home/${"é".repeat(45)}`).socketPath)).toBeLessThanOrEqual(100);
  });
});
