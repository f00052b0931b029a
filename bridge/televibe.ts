/** The `televibe` command: what can be answered at once, else the command line. */
import { showLogEnd } from "./cli/logEnd.ts";

/** Put in by the build, from package.json. */
declare const __TELEVIBE_VERSION__: string;

const words = process.argv.slice(2);
if (!showLogEnd(words, process.env)) {
  // A bundle of its own, which takes longer to load than the end of a log to show.
  void import("./cli/main.ts").then(({ main }) =>
    main(words, { version: __TELEVIBE_VERSION__, assets: __dirname, script: __filename }),
  );
}
