/** The command line that an agent runs: that a shell makes of it what was meant, and that we know it again. */
import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { hookCommand, readOwnCommand } from "../../../../bridge/cli/hooks/hookCommand.ts";
import { shellWords } from "../../../../bridge/cli/hooks/shellWords.ts";

const PROGRAM = {
  runtime: "/usr/bin/node",
  isElectron: false,
  runtimeFlags: [],
  script: "/opt/televibe/dist/televibe.js",
  dataDir: undefined,
};
const REPORT = { name: "Stop", timeoutSeconds: 10 };
const ASK = { name: "PermissionRequest", timeoutSeconds: 600, waitSeconds: 540 };

describe("the command line", () => {
  it("is plain where nothing needs quotes", () => {
    expect(hookCommand(PROGRAM, "claude", REPORT)).toBe(
      "exec /usr/bin/node /opt/televibe/dist/televibe.js hook claude",
    );
    expect(hookCommand({ ...PROGRAM, dataDir: "/data" }, "codex", ASK)).toBe(
      "exec /usr/bin/node /opt/televibe/dist/televibe.js hook codex --data-dir /data --wait 540",
    );
    expect(hookCommand({ ...PROGRAM, isElectron: true, runtimeFlags: ["--no-opt"] }, "codex", REPORT)).toBe(
      "ELECTRON_RUN_AS_NODE=1 exec /usr/bin/node --no-opt /opt/televibe/dist/televibe.js hook codex",
    );
  });

  it.each([
    "/a b/televibe.js",
    "/it's/televibe.js",
    '/"$(date)"`id`/televibe.js',
    "/\\n*?/televibe.js",
    "/é 漢\n/televibe.js",
  ])("is read by a shell as it was meant: %j", (script) => {
    const line = hookCommand({ ...PROGRAM, script }, "claude", ASK);
    const printed = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${line}`]).toString();
    const words = ["exec", "/usr/bin/node", script, "hook", "claude", "--wait", "540"];
    expect(printed.split("\0").slice(0, -1)).toEqual(words);
    expect(shellWords(line)).toEqual(words);
    expect(readOwnCommand(line)).toEqual({ agent: "claude", files: ["/usr/bin/node", script] });
  });
});

it.each(["/bin/sh", "/bin/bash"])("the command line takes the place of %s, with its environment", (shell) => {
  const program = { ...PROGRAM, runtime: process.execPath, isElectron: true, runtimeFlags: ["--eval"] };
  const script = "console.log(process.pid, process.env.ELECTRON_RUN_AS_NODE)";
  const line = hookCommand({ ...program, script }, "claude", REPORT);
  const { pid, stdout } = spawnSync(shell, ["-c", line]);
  expect(stdout.toString()).toBe(`${pid} 1\n`);
});

describe("our command line", () => {
  it.each([
    "televibe hook claude",
    " televibe  hook claude --wait 5 ",
    "exec televibe hook claude",
    "exec /n/node /x/televibe.js hook claude",
    "ELECTRON_RUN_AS_NODE=1 exec /n/node /x/televibe.js hook claude",
    "/usr/local/bin/televibe hook claude",
    "~/bin/televibe hook claude",
    "node /x/televibe.js hook claude",
    "/n/node --jitless --max-old-space-size=64 '/a b/televibe.js' hook claude --data-dir /d --wait 9",
    "ELECTRON_RUN_AS_NODE=1 '/Applications/Visual Studio Code.app/Contents/MacOS/Electron' /x/televibe.js hook claude",
    '"C:/Program Files/nodejs/node.exe" "C:/x/televibe.js" hook claude',
    '"C:\\Program Files\\nodejs\\node.exe" "C:\\x\\televibe.cmd" hook claude',
  ])("is %s", (line) => {
    expect(readOwnCommand(line)?.agent).toBe("claude");
  });

  it.each([
    "echo televibe hook claude",
    "exec -a x televibe hook claude",
    "exec exec televibe hook claude",
    "televibe hook claude && rm -rf /",
    "televibe hook claude; date",
    "televibe hook claude | tee log",
    "televibe hook claude > log",
    "televibe hook $(agent)",
    "televibe hook claude\nrm -rf /",
    "televibe hook claude-2",
    "televibe hooks install claude",
    "televibe emit hook claude",
    "node /x/televibe.js.bak hook claude",
    "node /x/my-televibe.js hook claude",
    "/x/televibe/notify.sh hook claude",
    "bash -c 'televibe hook claude'",
    "node -e televibe.js /other.js hook claude",
    "'televibe hook claude",
    "hook claude",
    "",
    undefined,
    7,
  ])("is not %s", (line) => {
    expect(readOwnCommand(line)).toBeUndefined();
  });
});
