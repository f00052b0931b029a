/** How an agent's settings are found to stand to our hooks. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addEntries } from "../../../../bridge/cli/hooks/addEntries.ts";
import { inspect } from "../../../../bridge/cli/hooks/inspection.ts";
import { temporaryFolder } from "../../../support/bridgeProcess.ts";

const PROGRAM = {
  runtime: "/usr/bin/node",
  isElectron: false,
  runtimeFlags: [],
  script: "/opt/televibe/dist/televibe.js",
  dataDir: undefined,
};
const ours = (text: string, program = PROGRAM) => addEntries(text, "claude", program);

describe("inspect", () => {
  it.each([
    { name: "nothing", text: undefined, state: "not_installed" },
    { name: "an empty file", text: "", state: "not_installed" },
    { name: "others' hooks", text: '{"hooks": {"Stop": [{"hooks": [{"command": "x"}]}]}}', state: "not_installed" },
    { name: "ours", text: ours("{}"), state: "installed" },
    { name: "ours, written in another way", text: JSON.stringify(JSON.parse(ours("{}"))), state: "installed" },
    { name: "ours elsewhere", text: ours("{}", { ...PROGRAM, script: "/old/televibe.js" }), state: "other_path" },
    { name: "ours without exec", text: ours("{}").replaceAll('"exec ', '"'), state: "older_form" },
    { name: "ours in part", text: ours("{}").replace('"Stop"', '"Halt"'), state: "older_form" },
    { name: "ours with other limits", text: ours("{}").replace('"timeout": 10', '"timeout": 1'), state: "older_form" },
    { name: "no JSON", text: "{", state: "unreadable" },
    { name: "a list", text: "[]", state: "unreadable" },
  ])("finds $state where there is $name", async ({ text, state }) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "settings.json");
    if (text !== undefined) await writeFile(path, text);
    expect((await inspect("claude", path, PROGRAM, folder.path)).state).toBe(state);
  });

  it.each([
    { agent: "claude", text: '{"a": 1,}', problem: /no trailing commas/ },
    { agent: "codex", text: "\ufeff{}", problem: /byte order mark/ },
    { agent: "claude", text: "\ufeff{}", problem: undefined },
  ] as const)("says why $agent does not read $text", async ({ agent, text, problem }) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "settings.json");
    await writeFile(path, text);
    const found = (await inspect(agent, path, PROGRAM, folder.path)).problem;
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  it("names the files that are not there", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "settings.json");
    const runtime = process.execPath;
    await writeFile(path, ours("{}", { ...PROGRAM, runtime, script: join(folder.path, "televibe.js") }));
    const missing = async () => (await inspect("claude", path, PROGRAM, folder.path)).missingFiles;
    expect(await missing()).toEqual([join(folder.path, "televibe.js")]);
    await writeFile(join(folder.path, "televibe.js"), "");
    expect(await missing()).toEqual([]);
  });
});

/** What Codex 0.169.0 wrote when a person trusted these very hooks, in the form that they had then. */
const TRUSTED: Readonly<Record<string, string>> = {
  pre_tool_use: "f18934d78af5fdf24880a2db8f057733494d48cf287c1f39627b09c2073603e7",
  permission_request: "be7a1cfb38228200f42b7408a4dbd5de55ffbdcb6ad8c59aa0008b2064e912e8",
  post_tool_use: "3652d32e8f4c976d5a43257d1cdd788e67081707a9215519cfc736419a586215",
  pre_compact: "fc00bdfb63354d79ef475ce436d028c988066dbedf4088a5c132086666f6a557",
  post_compact: "0f8ff1f8d7e0b0584131e7be38aa5a6a8661cb295c87cadc8197dba2ae472914",
  session_start: "a7cdf18f4009d987e46510989c1ad5dd1d82213eb084d0cb4eb96c8df26ac6ed",
  session_end: "d365ac023a171986b37a0cd13c5ad2ed15d93768de4000d61e0e006df671e916",
  user_prompt_submit: "90c77fea1553515be690ba0507d9d01e23f54734d8d7becba9b8f495f5a1f416",
  subagent_start: "dde4425cb3ddb0846ed8c2b5184a08b6566020768bb0d4ba3d5145b4b8a478bc",
  subagent_stop: "f4024efca59a380cfd78a4493eaa684817b1b883348e83e81e76d48e1b8fe0a9",
  stop: "e79591223f0b8c0f4e5903235a20cdeeeea42d93eec6b2723e9ff1557bfe4054",
  interrupt: "d58ed04e60b945a8321356f8004d4fc2d8b1ba1bac21b64738d151d19b9016dd",
};

describe("whether Codex runs our hooks", () => {
  it.each([
    { name: "all are trusted", hashes: TRUSTED, program: PROGRAM, trust: "trusted" },
    { name: "some are", hashes: { stop: TRUSTED["stop"] ?? "" }, program: PROGRAM, trust: "in part" },
    { name: "none is", hashes: {}, program: PROGRAM, trust: "not yet" },
    {
      name: "they have changed",
      hashes: TRUSTED,
      program: { ...PROGRAM, script: "/new/televibe.js" },
      trust: "not yet",
    },
  ])("is read from its configuration: $name", async ({ hashes, program, trust }) => {
    await using folder = await temporaryFolder();
    const home = join(folder.path, ".codex");
    const path = join(home, "hooks.json");
    await mkdir(home);
    await writeFile(path, addEntries("", "codex", program).replaceAll('"exec ', '"'));
    const states = Object.entries(hashes).map(
      ([event, hash]) => `[hooks.state."${path}:${event}:0:0"]\ntrusted_hash = "sha256:${hash}"\n`,
    );
    await writeFile(join(home, "config.toml"), `model = "gpt"\n\n${states.join("\n")}`);
    expect((await inspect("codex", path, PROGRAM, home)).trust).toBe(trust);
  });

  it("is not asked where there is nothing of ours, and no where there is no configuration", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "hooks.json");
    expect((await inspect("codex", path, PROGRAM, folder.path)).trust).toBeUndefined();
    await writeFile(path, addEntries("", "codex", PROGRAM));
    expect((await inspect("codex", path, PROGRAM, folder.path)).trust).toBe("not yet");
  });
});
