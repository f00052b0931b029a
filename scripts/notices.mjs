// Writes dist/THIRD_PARTY_NOTICES.txt: the licence of each package that a bundle holds a part of, as their licences ask.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const RULE = "-".repeat(80);

/** Reads esbuild's metafiles, so the bundles have to be built first. */
export async function writeNotices() {
  const notices = [];
  for (const folder of await bundledPackages()) notices.push(await noticeOf(folder));
  const text = `Televibe contains parts of these packages.\n\n${notices.join(`\n${RULE}\n`)}`;
  await writeFile(join(root, "dist/THIRD_PARTY_NOTICES.txt"), text);
  return notices.length;
}

/** Folders of the packages that a bundle took anything from. sql.js's WebAssembly stands beside its script. */
async function bundledPackages() {
  const dist = join(root, "dist");
  const metafiles = (await readdir(dist)).filter((name) => name.endsWith(".meta.json"));
  const folders = new Set();
  for (const name of metafiles) {
    const { inputs, outputs } = JSON.parse(await readFile(join(dist, name), "utf8"));
    const used = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
    for (const file of used.filter((input) => input in inputs)) {
      const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
      if (match !== null) folders.add(match[1]);
    }
  }
  return [...folders].sort();
}

async function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const files = (await readdir(join(root, folder))).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = await Promise.all(files.sort().map((file) => readFile(join(root, folder, file), "utf8")));
  // Some packages name their licence and ship no text of it.
  const said =
    texts.length > 0 ? texts.join("\n") : `${license}, by ${typeof author === "string" ? author : author?.name}\n`;
  return `${name} ${version} (${license})\n\n${said.trim()}\n`;
}
