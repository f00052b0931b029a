/** Who gets in: with a code, once and in time; everybody else is told how, and then nothing. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { useStores } from "../store/storeFixture.ts";
import { BridgeParts } from "./bridgeParts.ts";

const stores = useStores();
let parts: BridgeParts;
beforeEach(async () => {
  parts = await BridgeParts.start(stores);
});
afterEach(() => parts[Symbol.asyncDispose]());

describe("an invitation", () => {
  it("has a link with the bot's name and a code of 128 bits, kept as a hash in a file for its owner alone", async () => {
    const { code, link, expires_at } = await parts.invite();
    expect(code).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(link).toBe(`https://t.me/televibe_test_bot?start=${code}`);
    expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(9 * 60_000);
    const content = await readFile(parts.telegramFile, "utf8");
    expect(content).not.toContain(code);
    expect((await stat(parts.telegramFile)).mode & 0o777).toBe(0o600);
  });

  it("pairs the person and their chat, once", async () => {
    const { code } = await parts.invite();
    const anna = parts.server.user("Anna");
    anna.sends(`/start ${code}`);
    await parts.message(anna, /Paired\. Hello Anna!/);
    expect(await parts.overview()).toMatchObject({
      state: "connected",
      bot: "televibe_test_bot",
      paired_chats: 1,
      chats: [{ chat_id: anna.id, kind: "private", title: "Anna", level: "all", paired_by: "Anna", lost: null }],
    });
    const eve = parts.server.user("Eve");
    eve.sends(`/pair ${code}`);
    await parts.message(eve, /code is wrong, used up/);
    expect((await parts.overview()).chats).toHaveLength(1);
  });

  it("is good for ten minutes", async () => {
    const { code } = await parts.invite();
    parts.shiftMs = 10 * 60_000 + 1;
    const anna = parts.server.user("Anna");
    anna.sends(`/start ${code}`);
    await parts.message(anna, /older than ten minutes/);
    expect((await parts.overview()).chats).toEqual([]);
  });

  it("holds through a restart", async () => {
    const { code } = await parts.invite();
    await parts.stopBridge();
    await parts.startBridge();
    const anna = parts.server.user("Anna");
    anna.sends(`/start ${code}`);
    await parts.message(anna, /Paired/);
  });

  it("of two who come at once lets one in", async () => {
    const { code } = await parts.invite();
    const people = [parts.server.user("Anna"), parts.server.user("Eve")];
    for (const person of people) person.sends(`/start ${code}`);
    await Promise.all(people.map((person) => parts.message(person, /Paired|wrong/)));
    expect((await parts.overview()).chats).toHaveLength(1);
  });

  it("is worth nothing once a group has seen it", async () => {
    const { code } = await parts.invite();
    const group = parts.server.group("Team");
    const anna = parts.server.user("Anna");
    anna.sends(`/start ${code}`, group);
    await parts.message(group, /does not work any more/);
    anna.sends(`/start ${code}`);
    await parts.message(anna, /wrong/);
    expect((await parts.overview()).chats).toEqual([]);
  });
});

describe("a stranger", () => {
  it("is told how to pair twice, and then nothing", async () => {
    const paired = await parts.pairedUser("Anna");
    const eve = parts.server.user("Eve");
    for (const text of ["hello", "/status", "/start wrong", "/tail", "hello?"]) eve.sends(text);
    await parts.server.waitFor(() => (parts.texts(eve).length >= 2 ? true : undefined));
    await parts.settled(paired);
    expect(parts.texts(eve)).toHaveLength(2);
  });

  it("is not heard in a group, nor can link one", async () => {
    const anna = await parts.pairedUser("Anna");
    const group = parts.server.group("Team");
    const eve = parts.server.user("Eve");
    eve.sends("/link", group);
    eve.sends("/status", group);
    await parts.settled(anna);
    expect(parts.texts(group)).toEqual([]);
  });
});

describe("a group", () => {
  it("is linked by somebody who is paired, and its other members' commands do not count", async () => {
    const anna = await parts.pairedUser("Anna");
    const group = await parts.linkedGroup("Team", anna);
    const eve = parts.server.user("Eve");
    eve.sends("/level off", group);
    anna.sends("/level", group);
    await parts.message(group, /everything \(all\)/);
    expect((await parts.overview()).chats.map(({ title, level }) => [title, level])).toEqual([
      ["Anna", "all"],
      ["Team", "all"],
    ]);
  });

  it("keeps its pairing when it gets another id", async () => {
    const anna = await parts.pairedUser("Anna");
    const group = await parts.linkedGroup("Team", anna);
    await parts.ask("git push");
    await parts.card(group, "git push");
    const supergroup = parts.server.migrate(group);
    const card = await parts.card(supergroup, "git push");
    expect((await parts.overview()).chats[1]).toMatchObject({ chat_id: supergroup.id, title: "Team" });
    await anna.presses(card, "✅ Approve");
    await parts.closed(card, /Approved by Anna in Telegram/);
  });

  it("takes no commands from an admin who hides", async () => {
    const anna = await parts.pairedUser("Anna");
    const group = await parts.linkedGroup("Team", anna);
    parts.server.updates.push("message", {
      message_id: 900,
      date: 1,
      chat: { id: group.id, type: "group", title: "Team" },
      from: { id: 1_087_968_824, is_bot: true, first_name: "Group" },
      text: "/level off",
    });
    await parts.message(group, /no commands from anonymous admins/);
    expect((await parts.overview()).chats[1]?.level).toBe("all");
  });
});

describe("unpairing", () => {
  it("ends what a chat is told and what its person's presses are worth", async () => {
    const anna = await parts.pairedUser("Anna");
    const group = await parts.linkedGroup("Team", anna);
    await parts.request("DELETE", "/v1/telegram/chats/{chat_id}", { chat_id: String(anna.id) });
    const approval = await parts.ask("git push");
    const card = await parts.card(group, "git push");
    expect(await anna.presses(card, "✅ Approve")).toMatchObject({ alert: true });
    expect(parts.approvals.get(approval)?.state).toBe("pending");
    expect(parts.texts(anna).join()).not.toContain("git push");
  });

  it("says so where there is no such chat", async () => {
    await expect(parts.request("DELETE", "/v1/telegram/chats/{chat_id}", { chat_id: "12" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("by blocking the bot stops all messages, and unblocking brings back what waits", async () => {
    const anna = await parts.pairedUser("Anna");
    anna.blocksBot();
    await parts.server.waitFor(() => (parts.telegram.status().paired_chats === 0 ? true : undefined));
    await parts.ask("git push");
    anna.unblocksBot();
    await parts.card(anna, "git push");
    expect(parts.telegram.status().paired_chats).toBe(1);
  });
});

it("puts a file aside that makes no sense, and goes on", async () => {
  await parts.stopBridge();
  await writeFile(parts.telegramFile, "{ not json");
  await parts.startBridge();
  expect((await parts.overview()).chats).toEqual([]);
  expect(await readFile(`${parts.telegramFile}.damaged`, "utf8")).toBe("{ not json");
});
