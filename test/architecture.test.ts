/** Holds the house together: which folder may import what, read from the sources themselves and from the bundles. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
}

const sources = ["shared", "producer", "bridge", "extension"].flatMap((folder) => listTypeScript(join(root, folder)));
const imports = sources.flatMap(importsOf);

describe("the arrows between folders", () => {
  it.each([
    {
      from: /^shared\/(?!client\/)/,
      never: /^(shared\/client|producer|bridge|extension)\//,
      why: "the contract stands on nothing",
    },
    {
      from: /^shared\/(?!client\/)/,
      never: /^(node:.*|vscode|ws|eventsource|telegraf|sql\.js|@redis\/client)$/,
      why: "the contract is pure",
    },
    {
      from: /^shared\/client\//,
      never: /^(producer\/|bridge\/|extension\/|vscode$)/,
      why: "the client serves all sides",
    },
    { from: /^bridge\//, never: /^(extension\/|vscode$)/, why: "the bridge runs without VS Code" },
    { from: /^extension\//, never: /^bridge\//, why: "the extension meets the bridge only in the protocol" },
    { from: /^producer\//, never: /^(bridge|extension)\//, why: "a producer meets the bridge only in the protocol" },
    { from: /^(bridge|extension)\//, never: /^producer\//, why: "the package's library is for others' programs" },
    { from: /^(shared|producer|bridge|extension)\//, never: /^test\//, why: "nothing depends on tests" },
    { from: /^(?!bridge\/telegram\/)/, never: /^telegraf(\/|$)/, why: "Telegram is known in one place" },
    { from: /^(?!bridge\/store\/)/, never: /^sql\.js$/, why: "SQLite is known in one place" },
    { from: /^(?!bridge\/bus\/)/, never: /^@redis\/client$/, why: "Redis is known in one place" },
    { from: /^(?!shared\/client\/)/, never: /^eventsource$/, why: "SSE is read in one place" },
    { from: /^(?!shared\/client\/|bridge\/(http|stream)\/)/, never: /^ws$/, why: "WebSockets are spoken at the rim" },
  ])("$from never imports $never: $why", ({ from, never }) => {
    const wrong = imports.filter(({ file, target }) => from.test(file) && never.test(target));
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it("has no circles", () => {
    expect(findCircle()).toEqual([]);
  });
});

describe("the extension's inside", () => {
  const PARTS = ["tree", "logs", "approvals", "commands", "statusBar"];
  const partOf = (file: string) => PARTS.find((part) => file.startsWith(`extension/${part}`));

  it("keeps its parts from importing each other: they meet through the store", () => {
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [partOf(file), partOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    });
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });
});

describe("the bundles", () => {
  it.each([
    { bundle: "extension", never: /^(bridge\/|node_modules\/(telegraf|sql\.js|zod|@redis|prom-client|commander)\/)/ },
    { bundle: "televibe", never: /^(extension\/|node_modules\/(telegraf|sql\.js|@redis|prom-client)\/)/ },
    { bundle: "hook", never: /^(extension|bridge\/(?!hook\/)|node_modules)\// },
    { bundle: "bridge", never: /^(extension\/|node_modules\/(sql\.js|commander)\/)/ },
    {
      bundle: "producer",
      never: /^(extension\/|bridge\/|node_modules\/(telegraf|sql\.js|zod|@redis|prom-client|commander)\/)/,
    },
    { bundle: "storeWorker", never: /^(extension\/|node_modules\/(telegraf|@redis)\/)/ },
  ])("$bundle.js holds nothing of $never", ({ bundle, never }) => {
    const meta: { inputs: Record<string, unknown> } = JSON.parse(
      readFileSync(join(root, `dist/${bundle}.meta.json`), "utf8"),
    );
    expect(Object.keys(meta.inputs).filter((input) => never.test(input))).toEqual([]);
  });

  it("hold of zod only what is used: imported as a namespace it can be cut down, by its name `z` it cannot", () => {
    const whole = sources.filter((file) => /\{ z \} from "zod"/.test(readFileSync(join(root, file), "utf8")));
    expect(whole).toEqual([]);
  });
});

describe("pure code", () => {
  it("reads no clock and no randomness in the reducer and the parsers", () => {
    const impure = sources
      .filter((file) => /^shared\/(?!client\/)/.test(file))
      .filter((file) =>
        /Date\.now\(|new Date\(\)|Math\.random\(|crypto\./.test(readFileSync(join(root, file), "utf8")),
      );
    expect(impure).toEqual([]);
  });
});

function listTypeScript(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => relative(root, join(folder, name)).split(sep).join("/"));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const target = specifier.startsWith(".")
      ? relative(root, resolve(root, dirname(file), specifier))
          .split(sep)
          .join("/")
      : specifier;
    return { file, target, isTypeOnly: /^\s*(import|export)\s+type\s/.test(match[0]) };
  });
}

/** The first circle of imports found, types left out: those vanish before anything runs. */
function findCircle(): string[] {
  const edges = new Map<string, string[]>();
  for (const { file, target, isTypeOnly } of imports) {
    if (!isTypeOnly && existsSync(join(root, target))) edges.set(file, [...(edges.get(file) ?? []), target]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of edges.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of edges.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
