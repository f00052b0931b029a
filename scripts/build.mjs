// Bundles the extension, the bridge with its command line, and the store's worker into dist/.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const watch = process.argv.includes("--watch");
const production = process.argv.includes("--production");
const require = createRequire(import.meta.url);
const { version } = require("../package.json");

/** What all bundles share. CommonJS: telegraf calls `require` as it runs, and VS Code loads it at every version we support. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20.19",
  define: { __TELEVIBE_VERSION__: JSON.stringify(version) },
  minify: production,
  keepNames: production,
  sourcemap: production ? false : "linked",
  sourcesContent: false,
  metafile: true,
  logLevel: "warning",
};

/** Tells VS Code's task runner when a rebuild begins and ends, in the words its `$esbuild-watch` matcher reads. */
const watchReporter = {
  name: "watch-reporter",
  setup(bundle) {
    bundle.onStart(() => console.log("[watch] build started"));
    bundle.onEnd(() => console.log("[watch] build finished"));
  },
};

const bundles = [
  { entryPoints: ["extension/extension.ts"], outfile: "dist/extension.js", external: ["vscode"] },
  {
    entryPoints: ["bridge/televibe.ts"],
    outfile: "dist/televibe.js",
    banner: { js: "#!/usr/bin/env node" },
    // Optional native speed-ups of ws; it falls back to JavaScript without them.
    external: ["bufferutil", "utf-8-validate"],
  },
  { entryPoints: ["bridge/store/worker/main.ts"], outfile: "dist/storeWorker.js" },
];

await mkdir(join(root, "dist"), { recursive: true });
await cp(require.resolve("sql.js/dist/sql-wasm.wasm"), join(root, "dist/sql-wasm.wasm"));

for (const bundle of bundles) {
  const options = { ...common, ...bundle, plugins: watch ? [watchReporter] : [] };
  if (watch) {
    await (await context(options)).watch();
  } else {
    const { metafile } = await build(options);
    // The import-direction test reads these: what each bundle really contains.
    await writeFile(join(root, `${bundle.outfile.replace(/\.js$/, "")}.meta.json`), JSON.stringify(metafile));
  }
}
