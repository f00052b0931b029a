/** Installs into real settings files and takes it back: byte for byte, whatever is there, and whatever happens in between. */
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { planInstall, planUninstall } from "../../../../bridge/cli/hooks/installation.ts";
import { temporaryFolder } from "../../../support/bridgeProcess.ts";
import { SETTINGS } from "./settingsFiles.ts";

const PROGRAM = {
  runtime: "/usr/bin/node",
  isElectron: false,
  runtimeFlags: [],
  script: "/opt/televibe/dist/televibe.js",
  dataDir: undefined,
};

interface Bench extends AsyncDisposable {
  readonly path: string;
  readonly dataDir: string;
  install(program?: typeof PROGRAM): Promise<void>;
  uninstall(): Promise<void>;
  /** Undefined where there is no file. */
  bytes(): Promise<Buffer | undefined>;
}

async function bench(content?: string | Buffer, name = "claude/settings.json"): Promise<Bench> {
  const folder = await temporaryFolder();
  const path = join(folder.path, name);
  const dataDir = join(folder.path, "data");
  if (content !== undefined) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  const place = { agent: "claude", path, dataDir } as const;
  return {
    path,
    dataDir,
    install: async (program = PROGRAM) => (await planInstall(place, program)).apply(),
    uninstall: async () => (await planUninstall(place)).apply(),
    bytes: () => readFile(path).catch(() => undefined),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("install, then uninstall", () => {
  it.each(SETTINGS.filter(({ refusal }) => refusal === undefined))("gives back $name", async ({ text, without }) => {
    await using settings = await bench(text);
    await settings.install();
    expect((await settings.bytes())?.equals(Buffer.from(text))).toBe(false);
    await settings.uninstall();
    expect(await settings.bytes()).toEqual(Buffer.from(without ?? text));
    expect(await readdir(dirname(settings.path))).toEqual(["settings.json"]);
    expect(await readdir(settings.dataDir)).toEqual([]);
  });

  it.each(SETTINGS.filter(({ refusal }) => refusal === undefined))(
    "gives back $name after a newer version was installed over it, and a third one",
    async ({ text, without }) => {
      await using settings = await bench(text);
      for (const version of ["1", "2", "3"]) {
        await settings.install({ ...PROGRAM, script: `/opt/televibe-${version}/televibe.js` });
      }
      await settings.uninstall();
      expect(await settings.bytes()).toEqual(Buffer.from(without ?? text));
    },
  );

  it.each(SETTINGS.filter(({ refusal }) => refusal !== undefined))("leaves $name alone", async ({ text, refusal }) => {
    await using settings = await bench(text);
    await expect(settings.install()).rejects.toThrow(refusal ?? "");
    await expect(settings.install()).rejects.toThrow(`${settings.path} was not changed: `);
    expect(await settings.bytes()).toEqual(Buffer.from(text));
    expect(await readdir(dirname(settings.path))).toEqual(["settings.json"]);
  });

  it("makes a file and folders that are missing, and removes them again", async () => {
    await using settings = await bench(undefined, "home/deep/.claude/settings.json");
    await settings.install();
    expect((await settings.bytes())?.toString()).toMatch(/^\{\n {2}"hooks": \{\n[\s\S]*\}\n$/);
    await settings.uninstall();
    expect(await readdir(dirname(settings.dataDir))).toEqual(["data"]);
  });

  it("keeps a folder that it made when something else is in it by now", async () => {
    await using settings = await bench(undefined, ".claude/settings.json");
    await settings.install();
    await writeFile(join(dirname(settings.path), "agent.md"), "");
    await settings.uninstall();
    expect(await readdir(dirname(settings.path))).toEqual(["agent.md"]);
  });

  it("writes behind a link, and keeps the link and the permissions", async () => {
    await using settings = await bench('{\n  "a": 1\n}\n', "dotfiles/settings.json");
    const link = join(dirname(dirname(settings.path)), "settings.json");
    await symlink(settings.path, link);
    await chmod(settings.path, 0o640);
    const place = { agent: "claude", path: link, dataDir: settings.dataDir } as const;
    await (await planInstall(place, PROGRAM)).apply();
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await stat(settings.path)).mode & 0o777).toBe(0o640);
    expect((await settings.bytes())?.toString()).toContain("televibe.js hook claude");
    // By its own name the file is the same one.
    await settings.uninstall();
    expect((await settings.bytes())?.toString()).toBe('{\n  "a": 1\n}\n');
  });

  it("knows a file that it made behind a linked folder again", async () => {
    await using settings = await bench(undefined, "linked/settings.json");
    const folder = join(dirname(dirname(settings.path)), "dotfiles");
    await mkdir(folder);
    await symlink("dotfiles", dirname(settings.path));
    await settings.install();
    expect(await readdir(folder)).toEqual(["settings.json"]);
    await settings.uninstall();
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves a link to nowhere, a folder and a read-only file alone", async () => {
    await using settings = await bench("{}");
    const place = { agent: "claude", dataDir: settings.dataDir } as const;
    const link = join(dirname(settings.path), "link.json");
    await symlink("nowhere.json", link);
    await expect(planInstall({ ...place, path: link }, PROGRAM)).rejects.toThrow(/it is a link to what is not there/);
    await expect(planInstall({ ...place, path: dirname(settings.path) }, PROGRAM)).rejects.toThrow(/is a folder/);
    const folder = join(dirname(settings.path), "folder");
    await symlink("nowhere", folder);
    const beyond = { ...place, path: join(folder, "settings.json") };
    await expect(planInstall(beyond, PROGRAM)).rejects.toThrow(/its folder .* is a link to what is not there/);
    await chmod(settings.path, 0o444);
    await expect(settings.install()).rejects.toThrow(/read-only/);
    expect((await settings.bytes())?.toString()).toBe("{}");
  });

  it("does not overwrite what somebody else wrote in the meantime", async () => {
    await using settings = await bench("{}");
    const plan = await planInstall({ agent: "claude", path: settings.path, dataDir: settings.dataDir }, PROGRAM);
    await writeFile(settings.path, '{ "new": true }');
    await expect(plan.apply()).rejects.toThrow(/somebody else changed it/);
    expect((await settings.bytes())?.toString()).toBe('{ "new": true }');
    expect(await readdir(dirname(settings.path))).toEqual(["settings.json"]);
  });

  it("keeps what was before for its owner's eyes", async () => {
    await using settings = await bench('{"env": {"KEY": "secret"}}');
    await settings.install();
    const folder = join(settings.dataDir, "hooks");
    const [receipt = ""] = await readdir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, receipt))).mode & 0o777).toBe(0o600);
  });
});

describe("an uninstall of a file that was changed since", () => {
  const changed = '{\n  // my own\n  "model": "opus",\n';

  it("takes out only what is ours", async () => {
    await using settings = await bench('{\n  "hooks": { },\n  "a": 1\n}\n');
    await settings.install();
    const installed = (await settings.bytes())?.toString() ?? "";
    await writeFile(settings.path, installed.replace("{\n", changed));
    await settings.uninstall();
    expect((await settings.bytes())?.toString()).toBe(`${changed}  "hooks": { },\n  "a": 1\n}\n`);
  });

  it("keeps a file that it made when something else is in it by now", async () => {
    await using settings = await bench();
    await settings.install();
    const installed = (await settings.bytes())?.toString() ?? "";
    await writeFile(settings.path, installed.replace("{\n", changed));
    await settings.uninstall();
    expect((await settings.bytes())?.toString()).toBe('{\n  // my own\n  "model": "opus"\n}\n');
  });

  it("removes a file that it made when the change has been undone but for its form", async () => {
    await using settings = await bench();
    await settings.install();
    const installed = (await settings.bytes())?.toString() ?? "";
    await writeFile(settings.path, `${JSON.stringify(JSON.parse(installed))}\n\n`);
    await settings.uninstall();
    expect(await settings.bytes()).toBeUndefined();
  });

  it("is exact again when a newer version is installed over the change", async () => {
    await using settings = await bench('{ "hooks": {} }\n');
    await settings.install();
    const installed = (await settings.bytes())?.toString() ?? "";
    await writeFile(settings.path, installed.replace(" }\n", ', "b": 2 }\n'));
    await settings.install({ ...PROGRAM, script: "/opt/newer/televibe.js" });
    await settings.uninstall();
    expect((await settings.bytes())?.toString()).toBe('{ "hooks": {}, "b": 2 }\n');
  });

  it("does without the receipt, and with one that is damaged", async () => {
    for (const damage of [undefined, "", "{", "null", '{"format": 9}', '{"format": 1, "path": 7}']) {
      await using settings = await bench('{\n  "a": 1\n}\n');
      await settings.install();
      const folder = join(settings.dataDir, "hooks");
      const [receipt = ""] = await readdir(folder);
      if (damage === undefined) await rm(folder, { recursive: true });
      else await writeFile(join(folder, receipt), damage);
      await settings.uninstall();
      expect((await settings.bytes())?.toString()).toBe('{\n  "a": 1\n}\n');
    }
  });

  it("has nothing to do where the file is gone, or never had hooks", async () => {
    await using settings = await bench('{\n  "a": 1,\n}\n');
    await settings.uninstall();
    expect((await settings.bytes())?.toString()).toBe('{\n  "a": 1,\n}\n');
    await settings.install();
    await rm(settings.path);
    await settings.uninstall();
    expect(await settings.bytes()).toBeUndefined();
    expect(await readdir(settings.dataDir)).toEqual([]);
  });
});
