import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPlace, toIdentifier } from "../../../bridge/git/place.ts";
import { identifier } from "../../../shared/events/identifier.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { createRepository } from "./repository.ts";

describe("toIdentifier", () => {
  it.each([
    { name: "shop", expected: "shop" },
    { name: "feature/login", expected: "feature/login" },
    { name: "/etc/passwd", expected: "-/etc/passwd" },
    { name: "a/../b", expected: "a/-/b" },
    { name: "..", expected: "-" },
    { name: "C:\\shop", expected: "C:-shop" },
    { name: " shop\n", expected: "shop" },
    { name: "shop\u0007 2", expected: "shop- 2" },
    { name: "", expected: "default" },
    { name: "   ", expected: "default" },
    { name: "läden 🛒", expected: "läden 🛒" },
  ])("makes $expected of $name", ({ name, expected }) => {
    expect(toIdentifier(name)).toBe(expected);
    expect(identifier.safeParse(toIdentifier(name)).success).toBe(true);
  });

  it.each([
    "x".repeat(500),
    `${"x".repeat(199)} y`,
    `${"x".repeat(199)}/y`,
    `${"x".repeat(199)}🛒`,
    "/".repeat(300),
    `${"/".repeat(150)}x y/`,
  ])("keeps within the bounds, and well-formed", (name) => {
    const id = toIdentifier(name);
    expect(identifier.safeParse(id).success).toBe(true);
    expect(Buffer.from(id).toString()).toBe(id);
  });
});

describe("findPlace", () => {
  it("takes the repository's name and the branch, from its top, a folder in it, and before the first commit", async () => {
    await using folder = await temporaryFolder();
    const { path } = await createRepository(join(folder.path, "shop"));
    await mkdir(join(path, "deep", "down"), { recursive: true });
    for (const cwd of [path, join(path, "deep", "down")]) {
      expect(await findPlace(cwd)).toEqual({
        ...{ project: "shop", projectFolder: path, session: "main", branch: "main", worktree: path },
      });
    }
  });

  it("takes the main worktree's name for all of them", async () => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(join(folder.path, "shop"));
    await repository.write("a.txt", "a\n");
    await repository.commit("first");
    const [login, old] = [join(folder.path, "login"), join(folder.path, "old one")];
    await repository.git("worktree", "add", "--quiet", "-b", "feature/login", login);
    await repository.git("worktree", "add", "--quiet", "--detach", old);
    const projectFolder = repository.path;
    expect(await findPlace(login)).toMatchObject({
      ...{ project: "shop", projectFolder, session: "feature/login", worktree: login },
    });
    expect(await findPlace(old)).toMatchObject({ project: "shop", projectFolder, session: "old one", branch: null });
  });

  it("leaves the ending of a bare repository out", async () => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(join(folder.path, "shop"));
    await repository.write("a.txt", "a\n");
    await repository.commit("first");
    const [bare, worktree] = [join(folder.path, "store.git"), join(folder.path, "work")];
    execFileSync("git", ["clone", "--quiet", "--bare", repository.path, bare]);
    execFileSync("git", ["worktree", "add", "--quiet", worktree, "main"], { cwd: bare, stdio: "ignore" });
    expect(await findPlace(worktree)).toMatchObject({
      ...{ project: "store", projectFolder: bare, session: "main", worktree },
    });
  });

  it("takes no folder for a repository's own that only says so", async () => {
    await using folder = await temporaryFolder();
    const repository = await createRepository(join(folder.path, "shop"));
    await repository.write("a.txt", "a\n");
    await repository.commit("first");
    await repository.git("worktree", "add", "--quiet", "-b", "feature", join(folder.path, "feature"));
    const git = join(repository.path, ".git");
    const stranger = async (name: string) => {
      const path = join(folder.path, name);
      await mkdir(join(path, "deep"), { recursive: true });
      return path;
    };
    const [main, worktree, linked] = [await stranger("main"), await stranger("worktree"), await stranger("linked")];
    await writeFile(join(main, ".git"), "gitdir: ../shop/.git\n");
    await writeFile(join(worktree, ".git"), `gitdir: ${join(git, "worktrees", "feature")}\n`);
    await symlink(git, join(linked, ".git"));
    for (const path of [main, worktree, linked]) {
      for (const cwd of [path, join(path, "deep")]) expect(await findPlace(cwd)).toMatchObject({ projectFolder: path });
    }

    const shared = await createRepository(join(folder.path, "shared"));
    await shared.write(join(".git", "commondir"), `${git}\n`);
    await shared.write(join(".git", "gitdir"), `${join(shared.path, ".git")}\n`);
    expect(await findPlace(shared.path)).toMatchObject({ projectFolder: shared.path });

    const elsewhere = await createRepository(join(folder.path, "elsewhere"));
    await elsewhere.git("config", "core.worktree", repository.path);
    expect(await findPlace(elsewhere.path)).toMatchObject({ projectFolder: elsewhere.path });
  });

  it("takes a submodule's own folder, and that of a repository whose files git keeps elsewhere", async () => {
    await using folder = await temporaryFolder();
    const parts = await createRepository(join(folder.path, "parts"));
    await parts.write("a.txt", "a\n");
    await parts.commit("first");
    const shop = await createRepository(join(folder.path, "shop"));
    await shop.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", parts.path, "inner");
    expect(await findPlace(join(shop.path, "inner"))).toMatchObject({ projectFolder: join(shop.path, "inner") });

    const apart = join(folder.path, "apart");
    await parts.git("init", "--quiet", "--separate-git-dir", join(folder.path, "kept"), apart);
    expect(await findPlace(apart)).toMatchObject({ projectFolder: apart });
  });

  it("takes the folder's name outside of a repository", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "notes");
    await mkdir(path);
    expect(await findPlace(path)).toEqual({
      ...{ project: "notes", projectFolder: path, session: "default", branch: null, worktree: null },
    });
  });
});
