import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { lookAfter, lookBefore } from "../../../bridge/git/changes.ts";
import { countLines } from "../../../bridge/git/fileContent.ts";
import { parseNumstat } from "../../../bridge/git/numstat.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { createRepository, openRepository, type Repository } from "./repository.ts";

interface Case {
  readonly what: string;
  /** Done before the job looks. */
  readonly before?: (repository: Repository) => Promise<unknown>;
  readonly job: (repository: Repository) => Promise<unknown>;
  readonly files: readonly string[];
  readonly stat: string;
}

const CASES: readonly Case[] = [
  { what: "nothing", job: async () => undefined, files: [], stat: "" },
  { what: "an edit", job: (at) => at.write("a.txt", "one\nTWO\n"), files: ["a.txt"], stat: "+1 -1" },
  { what: "a new file", job: (at) => at.write("new.txt", "a\nb\nc"), files: ["new.txt"], stat: "+3 -0" },
  { what: "a deletion", job: (at) => rm(join(at.path, "a.txt")), files: ["a.txt"], stat: "+0 -2" },
  { what: "an ignored file", job: (at) => at.write("x.log", "noise\n"), files: [], stat: "" },
  {
    what: "a file that is no text",
    job: (at) => at.write("icon.bin", Buffer.from([0, 1, 2, 10, 0])),
    files: ["icon.bin"],
    stat: "+0 -0",
  },
  {
    what: "commits of its own",
    job: async (at) => {
      await at.write("a.txt", "one\ntwo\nthree\n");
      await at.commit("second");
      await at.write("b.txt", "b\n");
      await at.commit("third");
    },
    files: ["a.txt", "b.txt"],
    stat: "+2 -0",
  },
  {
    what: "a renamed file, as one that went and one that came",
    job: (at) => at.git("mv", "a.txt", "z.txt"),
    files: ["a.txt", "z.txt"],
    stat: "+2 -2",
  },
  {
    what: "nothing of what was dirty before",
    before: async (at) => {
      await at.write("a.txt", "mine\n");
      await at.write("untracked.txt", "mine\n");
    },
    job: (at) => at.write("b.txt", "b\n"),
    files: ["b.txt"],
    stat: "+1 -0",
  },
  {
    what: "what it added to what was dirty before",
    before: async (at) => {
      await at.write("a.txt", "mine\n");
      await at.write("untracked.txt", "mine\n");
    },
    job: async (at) => {
      await at.write("a.txt", "mine\nits\n");
      await rm(join(at.path, "untracked.txt"));
    },
    files: ["a.txt", "untracked.txt"],
    stat: "+1 -1",
  },
  {
    what: "a change of mine that it undid",
    before: (at) => at.write("a.txt", "mine\n"),
    job: (at) => at.git("checkout", "--quiet", "--", "a.txt"),
    files: ["a.txt"],
    stat: "+2 -1",
  },
  {
    what: "nothing, where it committed what I had changed",
    before: (at) => at.write("a.txt", "mine\n"),
    job: (at) => at.commit("mine"),
    files: [],
    stat: "",
  },
  {
    what: "a file too large to keep, by its traces",
    before: (at) => at.write("large.txt", "x".repeat(2_000_000)),
    job: (at) => at.write("large.txt", "x".repeat(2_000_001)),
    files: ["large.txt"],
    stat: "+0 -0",
  },
  {
    what: "nothing of a large file that it left alone",
    before: (at) => at.write("large.txt", "x".repeat(2_000_000)),
    job: async () => undefined,
    files: [],
    stat: "",
  },
  {
    what: "names that a shell would stumble over",
    job: (at) => at.write('ä "b"\n\tc.txt', "x\n"),
    files: ['ä "b"\n\tc.txt'],
    stat: "+1 -0",
  },
];

describe("what a job changed", () => {
  it.each(CASES)("is $what", async ({ before, job, files, stat }) => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(folder.path);
    await repository.write("a.txt", "one\ntwo\n");
    await repository.write(".gitignore", "*.log\n");
    await repository.commit("first");
    await before?.(repository);
    const looked = await lookBefore(folder.path);
    await job(repository);
    expect(looked && (await lookAfter(looked))).toEqual({ files_changed: files, diff_stat: stat });
  });

  it("is everything before the first commit, apart from what was there", async () => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(folder.path);
    await repository.write("there.txt", "x\n");
    const before = await lookBefore(folder.path);
    await repository.write("made.txt", "a\nb\n");
    await repository.commit("first");
    expect(before && (await lookAfter(before))).toEqual({ files_changed: ["made.txt"], diff_stat: "+2 -0" });
  });

  it("names the first thousand of very many, and counts the lines of a thousand new ones", async () => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(folder.path);
    const before = await lookBefore(folder.path);
    for (let file = 0; file < 1100; file += 1) await repository.write(`f${String(file).padStart(4, "0")}`, "x\n");
    const after = before && (await lookAfter(before));
    expect(after?.files_changed).toHaveLength(1000);
    expect(after?.diff_stat).toBe("+1000 -0");
  });

  it("does not follow a link, to a pipe or a device: one would wait there for ever", async () => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(join(folder.path, "shop"));
    const pipe = join(folder.path, "pipe");
    await promisify(execFile)("mkfifo", [pipe]);
    await symlink(pipe, join(repository.path, "to-pipe"));
    await symlink("/dev/zero", join(repository.path, "to-device"));
    const before = await lookBefore(repository.path);
    await rm(join(repository.path, "to-device"));
    await symlink("/dev/null", join(repository.path, "to-device"));
    await symlink(pipe, join(repository.path, "to-pipe-too"));
    expect(before && (await lookAfter(before))).toEqual({
      files_changed: ["to-device", "to-pipe-too"],
      diff_stat: "+2 -1",
    });
  });

  it.each([
    { what: "a monitor of the file system", setting: "core.fsmonitor" },
    { what: "a filter", setting: "filter.own.clean" },
    { what: "a filter with a name to stumble over", setting: "filter.own=A.b.process", filter: "own=A.b" },
    { what: "a filter of the worktree's", setting: "filter.own.clean", scope: "--worktree" },
    { what: "a diff program", setting: "diff.own.command" },
    { what: "a text converter", setting: "diff.own.textconv" },
  ])("is found out without running $what that the repository names", async ({ setting, filter = "own", scope }) => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(join(folder.path, "shop"));
    const trace = join(folder.path, "was-run");
    await repository.write("a.txt", "one\n");
    await repository.write(".gitattributes", `*.txt filter=${filter} diff=own\n`);
    await repository.commit("first");
    await repository.git("config", "extensions.worktreeConfig", "true");
    await repository.git("config", scope ?? "--local", setting, `echo run >> ${trace}; cat`);
    // Git asks a filter about a file whose time is another than it remembers.
    await utimes(join(repository.path, "a.txt"), 1, 1);
    const before = await lookBefore(repository.path);
    await repository.write("a.txt", "one\ntwo\n");
    expect(before && (await lookAfter(before))).toEqual({ files_changed: ["a.txt"], diff_stat: "+1 -0" });
    await expect(readFile(trace)).rejects.toThrow("ENOENT");
  });

  it("is found out without running what a submodule names", async () => {
    await using folder = await temporaryFolder();
    const inner = await createRepository(join(folder.path, "inner"));
    await inner.write("a.txt", "one\n");
    await inner.write(".gitattributes", "*.txt filter=own\n");
    await inner.commit("first");
    const repository = await createRepository(join(folder.path, "shop"));
    await repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.path, "inner");
    await repository.commit("first");
    const trace = join(folder.path, "was-run");
    const submodule = openRepository(join(repository.path, "inner"));
    await submodule.git("config", "filter.own.clean", `echo run >> ${trace}; cat`);
    await utimes(join(submodule.path, "a.txt"), 1, 1);
    const before = await lookBefore(repository.path);
    await repository.write("b.txt", "b\n");
    expect(before && (await lookAfter(before))).toEqual({ files_changed: ["b.txt"], diff_stat: "+1 -0" });
    await expect(readFile(trace)).rejects.toThrow("ENOENT");
  });

  it("is unknown outside of a repository", async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "plain"));
    expect(await lookBefore(join(folder.path, "plain"))).toBeUndefined();
  });
});

describe("countLines", () => {
  it.each([
    { text: "", lines: 0 },
    { text: "a", lines: 1 },
    { text: "a\n", lines: 1 },
    { text: "\n\n", lines: 2 },
    { text: "a\nb", lines: 2 },
    { text: "a\0\n", lines: 0 },
  ])("finds $lines in $text", ({ text, lines }) => expect(countLines(Buffer.from(text))).toBe(lines));
});

describe("parseNumstat", () => {
  it("reads counts and names, with binary files as no lines", () => {
    expect([...parseNumstat("1\t2\ta b.txt\0-\t-\tx.png\0")]).toEqual([
      ["a b.txt", { added: 1, removed: 2 }],
      ["x.png", { added: 0, removed: 0 }],
    ]);
    expect(parseNumstat("").size).toBe(0);
  });
});
