// Starts `npm run bench`: Node 20 runs no TypeScript, so the benchmarks are bundled first, as scripts/build.mjs does.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const outfile = join(root, ".cache/bench/bench.mjs");

/** In a bundle, `import.meta.dirname` would be the bundle's own folder for every file in it. */
const ownFolders = {
  name: "own-folders",
  setup(bundle) {
    bundle.onLoad({ filter: /\/test\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replaceAll("import.meta.dirname", JSON.stringify(dirname(path))), loader: "ts" };
    });
  },
};

await build({
  absWorkingDir: root,
  entryPoints: ["test/bench/bench.ts"],
  outfile,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20.19",
  sourcemap: "inline",
  logLevel: "warning",
  plugins: [ownFolders],
});
const { main } = await import(pathToFileURL(outfile).href);
await main(root, process.argv.slice(2));
