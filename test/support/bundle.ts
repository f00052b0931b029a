/** Bundles a TypeScript file of the repository into one that Node runs, as `scripts/build.mjs` does. */
import { resolve } from "node:path";
import { buildSync } from "esbuild";

const root = resolve(import.meta.dirname, "../..");

/** Answers `outfile`. */
export function bundle(entry: string, outfile: string, format: "cjs" | "esm" = "cjs"): string {
  buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format,
    target: "node20.19",
    logLevel: "error",
  });
  return outfile;
}
