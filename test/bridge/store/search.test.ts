/** Holds search to finding events by their words, wherever they are stored, and to taking everything else for text. */
import { describe, expect, it } from "vitest";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { searchExpression, searchText } from "../../../bridge/store/searchText.ts";
import { makeEvent, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
const TEXTS = [
  { instruction: "Run the unit tests" },
  { summary: "All tests passed in the café" },
  { error: "Connection refused: tests/integration could not reach Redis" },
  { tool: "Bash", file: "src/cart_total.ts" },
  { note: "tests are only mentioned in a field that nobody reads" },
  { instruction: 'Drop table "events"; -- tests' },
  { instruction: "Zeige die Übersicht" },
];

async function storeOf(maxEvents: number): Promise<LocalStore> {
  const store = await stores.start(stores.newDirectory(), { partition: { maxEvents } });
  for (const [index, data] of TEXTS.entries()) await store.append([makeEvent(index + 1, { data })]);
  await settled(store);
  return store;
}

describe("search", () => {
  it.each([
    { where: "in what grows", maxEvents: 100 },
    { where: "in sealed files and what grows", maxEvents: 2 },
  ])("finds events by all the words given, $where", async ({ maxEvents }) => {
    const store = await storeOf(maxEvents);
    const found = async (search: string) => {
      const events = await store.query({ filter: {}, search, limit: 100, order: "asc" });
      return events.map(({ seq }) => seq);
    };
    expect(await found("tests")).toEqual([1, 2, 3, 6]);
    expect(await found("TESTS unit")).toEqual([1]);
    expect(await found("unit tests")).toEqual([1]);
    expect(await found("tests unit")).toEqual([1]);
    expect(await found('"tests unit"')).toEqual([]);
    expect(await found('"unit tests"')).toEqual([1]);
    expect(await found("integr*")).toEqual([3]);
    expect(await found("integr")).toEqual([]);
    expect(await found("cart_total.ts")).toEqual([4]);
    expect(await found("cafe")).toEqual([2]);
    expect(await found("übersicht")).toEqual([7]);
    // SQLite's own search language is no language here.
    expect(await found("unit OR redis")).toEqual([]);
    expect(await found("tests NOT unit")).toEqual([]);
    expect(await found("words:tests")).toEqual([]);
    expect(await found('"; DROP TABLE events; --')).toEqual([6]);
    expect(await found('drop "events')).toEqual([6]);
    expect(await found("tests NEAR/2 unit (")).toEqual([]);
    expect(await found("* \" ' ( )")).toEqual([]);
  });

  it("goes together with filters, places, order and limit", async () => {
    const store = await storeOf(2);
    const query = { filter: { job_id: ["job-1", "job-3", "job-6"] }, search: "tests", order: "desc" } as const;
    const events = await store.query({ ...query, before: 6, limit: 1 });
    expect(events.map(({ seq }) => seq)).toEqual([3]);
  });
});

describe("an expression", () => {
  it.each([
    { search: "one two", expression: '"one" "two"' },
    { search: "  wor*  ", expression: '"wor*"' },
    { search: '"two words" x', expression: '"two words" "x"' },
    { search: '"never closed', expression: '"never closed"' },
    { search: "a*b*", expression: '"a b*"' },
    { search: '* -- "" \'', expression: undefined },
    { search: "", expression: undefined },
  ])("of $search", ({ search, expression }) => {
    expect(searchExpression(search)).toBe(expression);
  });
});

describe("an event's words", () => {
  it("are those of the fields that people read, and no others", () => {
    expect(searchText(makeEvent(1, { data: { instruction: "Do", summary: "", error: 7, tool: "Bash", x: "y" } }))).toBe(
      "Do\nBash",
    );
    expect(searchText(makeEvent(1, { data: {} }))).toBe("");
  });
});
