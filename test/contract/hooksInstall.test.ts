/** `televibe hooks` as a person runs it: the real command, in a home of its own. */
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRepository } from "../bridge/git/repository.ts";
import { type CommandResult, TELEVIBE, televibe, temporaryFolder } from "../support/bridgeProcess.ts";

interface Person extends AsyncDisposable {
  readonly home: string;
  run(
    args: string,
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<CommandResult>;
}

async function person(): Promise<Person> {
  const folder = await temporaryFolder();
  const home = await realpath(folder.path);
  const dataDir = join(home, "data");
  return {
    home,
    run: (args, { cwd = home, env = {} } = {}) =>
      televibe(args.split(" "), { dataDir, cwd, env: { HOME: home, TELEVIBE_DATA_DIR: "", ...env } }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const SETTINGS = '{\r\n\t"model": "opus",\r\n\t"hooks": { "Stop": [] }\r\n}';

describe("televibe hooks", () => {
  it("installs, says so, does nothing the second time, and takes it back to the byte", async () => {
    await using user = await person();
    const path = join(user.home, ".claude/settings.json");
    await write(path, SETTINGS);

    const installed = await user.run("hooks install claude");
    expect(installed).toMatchObject({ code: 0, stderr: expect.stringContaining("Sessions that start from now on") });
    expect(installed.stdout.toString()).toBe(`Claude Code has Televibe's hooks now: ${path}\n`);
    const text = await readFile(path, "utf8");
    const { hooks } = JSON.parse(text);
    expect(hooks.PermissionRequest).toEqual([
      { hooks: [{ type: "command", command: expect.stringMatching(/ hook claude --wait 86340$/), timeout: 86_400 }] },
    ]);
    expect(hooks.SessionEnd[0].hooks[0].timeout).toBe(10);

    expect((await user.run("hooks install claude --user")).stdout.toString()).toContain("already");
    expect(await readFile(path, "utf8")).toBe(text);

    expect((await user.run("hooks uninstall claude")).stdout.toString()).toContain("no more");
    expect(await readFile(path, "utf8")).toBe(SETTINGS);
    expect((await user.run("hooks uninstall claude")).stdout.toString()).toContain("none of Televibe's hooks");
  });

  it("writes a command line that a shell runs as this very command", async () => {
    await using user = await person();
    await user.run("hooks install claude --data-dir data");
    const { hooks } = JSON.parse(await readFile(join(user.home, ".claude/settings.json"), "utf8"));
    const command: string = hooks.Stop[0].hooks[0].command;
    const words = execFileSync("/bin/sh", ["-c", `printf '%s\\n' ${command}`])
      .toString()
      .trim()
      .split("\n");
    expect(words[0]).toBe("exec");
    expect(await realpath(words[1] ?? "")).toBe(await realpath(process.execPath));
    expect(words.slice(2)).toEqual([TELEVIBE, "hook", "claude", "--data-dir", join(user.home, "data")]);
  });

  it("shows with --dry-run what would change, and changes nothing", async () => {
    await using user = await person();
    const path = join(user.home, ".codex/hooks.json");
    await write(path, '{\n  "hooks": {}\n}\n');
    const { stdout, code } = await user.run("hooks install codex --dry-run");
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(
      /^--- .*hooks\.json\n\+\+\+ .*hooks\.json\n@@ -1,3 \+1,\d+ @@\n \{\n- {2}"hooks": \{\}\n\+ {2}"hooks": \{\n/,
    );
    expect(await readFile(path, "utf8")).toBe('{\n  "hooks": {}\n}\n');

    await user.run("hooks install codex");
    const undone = await user.run("hooks uninstall codex --dry-run");
    expect(undone.stdout.toString()).toContain('\n+  "hooks": {}\n');
    expect(await readFile(path, "utf8")).toContain("hook codex");
    expect((await user.run("hooks install codex --dry-run")).stderr).toContain("Nothing would change");
  });

  it.each([
    { what: "the settings", link: "settings.json", to: "settings.json" },
    { what: "their folder", link: "", to: "" },
  ])("names the file that is meant where $what of a project lie elsewhere", async ({ link, to }) => {
    await using user = await person();
    const { path: cwd } = await createRepository(join(user.home, "shop"));
    const elsewhere = join(user.home, "dotfiles");
    await write(join(elsewhere, "settings.json"), "{}\n");
    const folder = join(cwd, ".claude");
    if (link !== "") await mkdir(folder);
    await symlink(join(elsewhere, to), join(folder, link));
    const named = `${folder}/settings.json (a link to ${elsewhere}/settings.json)`;

    const tried = await user.run("hooks install claude --project --dry-run", { cwd });
    expect(tried.stderr).toContain(`What would change is ${named}`);
    expect(tried.stdout.toString()).toContain(`+++ ${folder}/settings.json\n`);
    for (const [words, said] of [
      ["install claude --project", `has Televibe's hooks now: ${named}`],
      ["install claude --project --dry-run", ""],
      ["status claude", named],
      ["uninstall claude --project", `has Televibe's hooks no more: ${named}`],
      ["uninstall claude --project", `has none of Televibe's hooks: ${named}`],
    ] as const) {
      expect((await user.run(`hooks ${words}`, { cwd })).stdout.toString()).toContain(said);
    }
    const [claude] = JSON.parse((await user.run("hooks status claude --project --json", { cwd })).stdout.toString());
    expect(claude.settings).toMatchObject([
      { path: `${folder}/settings.json`, target: `${elsewhere}/settings.json`, state: "not_installed" },
    ]);
  });

  it("finds the settings where the agents look for them", async () => {
    await using user = await person();
    const repository = await createRepository(join(user.home, "shop"));
    await repository.write("a", "");
    await repository.commit("First");
    await repository.git("worktree", "add", "--quiet", "../linked");
    const linked = join(user.home, "linked");
    await mkdir(join(linked, "deep"));
    const env = { CLAUDE_CONFIG_DIR: join(user.home, "c"), CODEX_HOME: join(user.home, "x") };
    const at = { cwd: join(linked, "deep"), env };
    const placeOf = async (args: string) => {
      const { stdout } = await user.run(`hooks install ${args}`, at);
      await user.run(`hooks uninstall ${args}`, at);
      return /: (.*)\n$/.exec(stdout.toString())?.[1];
    };
    expect(await placeOf("claude")).toBe(join(user.home, "c/settings.json"));
    expect(await placeOf("codex")).toBe(join(user.home, "x/hooks.json"));
    expect(await placeOf("claude --project")).toBe(join(linked, ".claude/settings.json"));
    // Codex reads a linked worktree's hooks in the main one.
    expect(await placeOf("codex --project")).toBe(join(repository.path, ".codex/hooks.json"));
  });

  it.each([
    { agent: "claude", variable: "CLAUDE_CONFIG_DIR", file: "settings.json" },
    { agent: "codex", variable: "CODEX_HOME", file: "hooks.json" },
  ])("installs nothing for $agent where $variable is another folder wherever it is started", async (each) => {
    const { agent, variable, file } = each;
    await using user = await person();
    const env = { [variable]: "config" };
    const path = join(user.home, "config", file);
    const whole = { [variable]: join(user.home, "config") };

    const refused = await user.run(`hooks install ${agent}`, { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${variable} is "config", no whole path`);
    expect(refused.stderr).toContain(`Set it to a whole path first, such as ${user.home}/config, or`);
    expect(await readdir(user.home)).not.toContain("config");

    // It is where it was put, and can be seen and taken out there.
    await user.run(`hooks install ${agent}`, { env: whole });
    const shown = (await user.run(`hooks status ${agent} --user`, { env })).stdout.toString();
    expect(shown).toMatch(new RegExp(`user +installed +${path}\n +${variable} is "config", no whole path`));
    const undone = await user.run(`hooks uninstall ${agent}`, { env });
    expect(undone.stdout.toString()).toContain(`has Televibe's hooks no more: ${path}`);
    expect((await user.run(`hooks install ${agent} --project`, { env })).code).toBe(0);
  });

  it("refuses to install a second time in the other settings, which the agent reads as well", async () => {
    await using user = await person();
    const cwd = join(user.home, "work");
    await mkdir(cwd);
    await user.run("hooks install codex --project", { cwd });
    const refused = await user.run("hooks install codex", { cwd });
    expect(refused).toMatchObject({ code: 1, stdout: Buffer.from("") });
    expect(refused.stderr).toContain(`already, for this project: ${join(cwd, ".codex/hooks.json")}\n`);
    expect(refused.stderr).toContain("  televibe hooks uninstall codex --project\n");
    await user.run("hooks uninstall codex --project", { cwd });
    expect(await user.run("hooks install codex", { cwd })).toMatchObject({ code: 0 });
    const again = await user.run("hooks install codex --project", { cwd });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("  televibe hooks uninstall codex\n") });

    const both = /Both are installed, and each call may be told twice/;
    expect((await user.run("hooks status codex", { cwd })).stdout.toString()).not.toMatch(both);
    await write(join(cwd, ".codex/hooks.json"), await readFile(join(user.home, ".codex/hooks.json"), "utf8"));
    expect((await user.run("hooks status codex", { cwd })).stdout.toString()).toMatch(both);
  });

  it("refuses what it does not understand, and says where it went wrong", async () => {
    await using user = await person();
    const path = join(user.home, ".claude/settings.json");
    await write(path, '{\n  "a": 1\n  "b": 2\n}\n');
    const refused = await user.run("hooks install claude");
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toBe(
      `televibe: ${path} was not changed: it is not valid JSON at line 3, column 3: comma expected\n`,
    );
    expect(await readFile(path, "utf8")).toBe('{\n  "a": 1\n  "b": 2\n}\n');

    expect(await user.run("hooks install")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("claude or codex"),
    });
    expect(await user.run("hooks uninstall gemini")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("gemini"),
    });
    expect(await user.run("hooks install claude --user --project")).toMatchObject({ code: 64 });
  });

  it.each([
    { what: "a named pipe", make: async (path: string) => void execFileSync("mkfifo", [path]) },
    { what: "a folder", make: async (path: string) => void (await mkdir(path)) },
    { what: "a device", make: (path: string) => symlink("/dev/zero", path) },
  ])("says at once that the settings are $what, and leaves that alone", async ({ what, make }) => {
    await using user = await person();
    await mkdir(join(user.home, ".claude"));
    await mkdir(join(user.home, ".codex"));
    await make(join(user.home, ".claude/settings.json"));
    await make(join(user.home, ".codex/config.toml"));
    for (const verb of ["install", "uninstall"]) {
      const refused = await user.run(`hooks ${verb} claude`);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(
        `${user.home}/.claude/settings.json was not changed: it is ${what} where a file belongs`,
      );
    }
    expect((await user.run("hooks install codex")).code).toBe(0);
    const shown = await user.run("hooks status");
    expect(shown.code).toBe(0);
    expect(shown.stdout.toString()).toMatch(new RegExp(`cannot be read .*\n *it is ${what} where a file belongs`));
    expect(await readdir(join(user.home, ".claude"))).toEqual(["settings.json"]);
  });

  it("says that an agent does not read a file with comments", async () => {
    await using user = await person();
    await write(join(user.home, ".claude/settings.json"), '{\n  // mine\n  "a": 1\n}\n');
    expect((await user.run("hooks install claude")).stderr).toContain("it takes no comments");
    expect((await user.run("hooks status claude --user")).stdout.toString()).toContain("it takes no comments");
  });
});

describe("televibe hooks status", () => {
  it("tells what is installed, for whom, and what each agent is", async () => {
    await using user = await person();
    const bin = join(user.home, "bin");
    await write(join(bin, "claude"), "#!/bin/sh\necho '2.1.330 (Claude Code)'\n");
    await chmod(join(bin, "claude"), 0o755);
    const env = { PATH: [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter) };
    await user.run("hooks install claude", { env });
    await user.run("hooks install codex", { env });

    const cwd = join(user.home, "work");
    await mkdir(cwd);
    expect((await user.run("hooks status --help")).stdout.toString()).toMatch(/--user .*both are shown/);
    const { stdout } = await user.run("hooks status", { env, cwd });
    expect(stdout.toString()).toMatch(
      /^Claude Code: 2\.1\.330 \(.*bin\/claude\)\n {2}user +installed +.*\n {2}project +not installed +.*\nCodex: not found on PATH\n {2}user +installed .*\n +Codex does not run them yet: .*\n {2}project +not installed/,
    );
    const [claude] = JSON.parse((await user.run("hooks status claude --json", { env })).stdout.toString());
    expect(claude).toMatchObject({
      agent: "claude",
      version: "2.1.330",
      // The home folder is no project beside it.
      settings: [{ scope: "user", state: "installed" }],
    });
  });

  it("says in one line that an agent runs no hooks, and where that is set", async () => {
    await using user = await person();
    const local = join(user.home, ".claude/settings.local.json");
    await write(local, '{"disableAllHooks": true}');
    await write(join(user.home, ".codex/config.toml"), "[features]\nhooks = false\n");
    const claude = `Claude Code runs no hooks here: disableAllHooks is true in ${local}`;
    const codex = `Codex runs no hooks here: features.hooks is false in ${user.home}/.codex/config.toml`;

    for (const [agent, line] of [
      ["claude", claude],
      ["codex", codex],
    ] as const) {
      const installed = await user.run(`hooks install ${agent}`);
      expect(installed).toMatchObject({ code: 0, stderr: `${line}\n` });
    }
    const shown = (await user.run("hooks status")).stdout.toString();
    for (const line of [claude, codex]) expect(shown.split("\n")).toContain(`  ${line}`);
    const found = JSON.parse((await user.run("hooks status --json")).stdout.toString());
    expect(found).toMatchObject([{ hooks_off: claude }, { hooks_off: codex }]);

    await write(local, "{}");
    expect((await user.run("hooks status claude")).stdout.toString()).not.toContain("no hooks");
  });

  it("notices entries of another installation, and doctor those that cannot run any more", async () => {
    await using user = await person();
    const path = join(user.home, ".claude/settings.json");
    await user.run("hooks install claude");
    await writeFile(path, (await readFile(path, "utf8")).replaceAll(TELEVIBE, "/gone/televibe.js"));

    const status = (await user.run("hooks status claude --user")).stdout.toString();
    expect(status).toContain("installed from elsewhere");
    expect(status).toContain("They run what is not there: /gone/televibe.js");
    const doctor = (await user.run("doctor")).stdout.toString();
    expect(doctor).toContain("The hooks of Claude Code run what is not there: /gone/televibe.js");
    expect(doctor).toContain("televibe hooks install claude");

    await user.run("hooks install claude");
    expect((await user.run("hooks status claude --user")).stdout.toString()).not.toContain("elsewhere");
    expect((await user.run("doctor")).stdout.toString()).not.toContain("hooks");
  });
});
