/** The `televibe` command: what can be answered at once, else the command line. */
import { showLogEnd } from "./cli/logEnd.ts";

/** Put in by the build, from package.json. */
declare const __TELEVIBE_VERSION__: string;

const words = process.argv.slice(2);
// What takes longer to load than to do all the rest is in bundles of their own.
if (words.includes("hook")) {
  void import("./hook/hook.ts").then(({ runHook }) => {
    if (!runHook(words, { env: process.env, script: __filename })) runCommand();
  });
} else if (!showLogEnd(words, process.env)) {
  runCommand();
}

function runCommand(): void {
  void import("./cli/main.ts").then(({ main }) =>
    main(words, { version: __TELEVIBE_VERSION__, assets: __dirname, script: __filename }),
  );
}
