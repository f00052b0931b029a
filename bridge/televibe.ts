/** The `televibe` command. */

import { runCommandLine } from "./cli/program.ts";
import { createTerminal, endQuietlyWithoutReader } from "./cli/terminal.ts";

/** Put in by the build, from package.json. */
declare const __TELEVIBE_VERSION__: string;

endQuietlyWithoutReader();
void runCommandLine(process.argv.slice(2), {
  version: __TELEVIBE_VERSION__,
  assets: __dirname,
  script: __filename,
  terminal: createTerminal(),
});
