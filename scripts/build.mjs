// Bundles the extension, the command line, the bridge and the store's worker into dist/.
import { execFileSync } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";
import { writeDeclarations } from "./declarations.mjs";

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

/** The bundles that are being built; at first all of them, so that the first one done is not taken for the last. */
const building = new Set();

/** Tells VS Code's task runner when a rebuild begins and ends, in the words its matcher reads. */
const watchReporter = (outfile) => ({
  name: "watch-reporter",
  setup(bundle) {
    bundle.onStart(() => begin(outfile));
    bundle.onEnd(() => {
      building.delete(outfile);
      if (building.size === 0) console.log("[watch] build finished");
    });
  },
});

function begin(...outfiles) {
  if (building.size === 0) console.log("[watch] build started");
  for (const outfile of outfiles) building.add(outfile);
}

/** Parts of the `televibe` command that are bundles of their own: what one does not need, it does not load. */
const apart = {
  name: "apart",
  setup(bundle) {
    const external = (path) => (imported) =>
      imported.kind === "dynamic-import" ? { path, external: true } : undefined;
    bundle.onResolve({ filter: /\/runBridge\.ts$/ }, external("./bridge.js"));
    bundle.onResolve({ filter: /\/cli\/main\.ts$/ }, external("./cli.js"));
    bundle.onResolve({ filter: /\/hook\/hook\.ts$/ }, external("./hook.js"));
  },
};

/** Optional native speed-ups of ws; it falls back to JavaScript without them. */
const external = ["bufferutil", "utf-8-validate"];

const bundles = [
  { entryPoints: ["extension/extension.ts"], outfile: "dist/extension.js", external: ["vscode"] },
  {
    entryPoints: ["bridge/televibe.ts"],
    outfile: "dist/televibe.js",
    banner: { js: "#!/usr/bin/env node" },
    plugins: [apart],
    // As `require`: Node's loader of modules would take longer than all that is done for a hook.
    supported: { "dynamic-import": false },
  },
  { entryPoints: ["bridge/hook/hook.ts"], outfile: "dist/hook.js" },
  { entryPoints: ["bridge/cli/main.ts"], outfile: "dist/cli.js", plugins: [apart], external },
  { entryPoints: ["bridge/runBridge.ts"], outfile: "dist/bridge.js", external },
  { entryPoints: ["bridge/store/worker/main.ts"], outfile: "dist/storeWorker.js" },
  { entryPoints: ["producer/producer.ts"], outfile: "dist/producer.js", external },
];

await mkdir(join(root, "dist"), { recursive: true });
await cp(require.resolve("sql.js/dist/sql-wasm.wasm"), join(root, "dist/sql-wasm.wasm"));

if (watch) begin(...bundles.map(({ outfile }) => outfile));
for (const bundle of bundles) {
  const plugins = [...(bundle.plugins ?? []), ...(watch ? [watchReporter(bundle.outfile)] : [])];
  const options = { ...common, ...bundle, plugins };
  if (watch) {
    await (await context(options)).watch();
  } else {
    const { metafile } = await build(options);
    // The import-direction test reads these: what each bundle really contains.
    await writeFile(join(root, `${bundle.outfile.replace(/\.js$/, "")}.meta.json`), JSON.stringify(metafile));
  }
}
if (!watch) {
  await writeDeclarations();
  const schema = execFileSync(process.execPath, [join(root, "dist/televibe.js"), "schema", "--rules"]);
  await writeFile(join(root, "dist/rules.schema.json"), schema);
}
