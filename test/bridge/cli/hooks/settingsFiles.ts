/** Hand-made settings files, hostile ones among them, as people and tools really leave them. */

export interface SettingsSample {
  readonly name: string;
  readonly text: string | Buffer;
  /** What is left after an uninstall, where that is not what was there: an entry of ours had been in it. */
  readonly without?: string;
  /** Why it must be left alone. */
  readonly refusal?: RegExp;
}

const OLD = "/opt/old/bin/node /opt/old/televibe/dist/televibe.js hook claude --wait 500";

const USERS_OWN = `{
  "model": "opus",
  "hooks": {
    "PreToolUse": [
      {
        "matcher": "Bash",
        "hooks": [{ "type": "command", "command": "~/bin/guard.sh" }]
      }
    ],
    "Stop": [
      {
        "hooks": [
          { "type": "command", "command": "say done" }
        ]
      }
    ]
  },
  "env": { "A": "1" }
}
`;

export const SETTINGS: readonly SettingsSample[] = [
  { name: "an empty file", text: "" },
  { name: "only white space", text: " \n\t\r\n  " },
  { name: "{} in one line", text: "{}" },
  { name: "{} with room inside and a line end", text: "{ }\n" },
  { name: "{} over two lines", text: "{\n}\n" },
  { name: "a usual file", text: '{\n  "model": "opus",\n  "permissions": {\n    "allow": ["Bash(ls:*)"]\n  }\n}\n' },
  { name: "no line end at the end", text: '{\n  "model": "opus"\n}' },
  { name: "tabs", text: '{\n\t"model": "opus",\n\t"hooks": {\n\t\t"Stop": []\n\t}\n}\n' },
  { name: "CRLF", text: '{\r\n    "model": "opus",\r\n    "hooks": {\r\n    }\r\n}\r\n' },
  { name: "a byte order mark", text: '\ufeff{\r\n  "model": "opus"\r\n}\r\n' },
  { name: "a byte order mark and nothing else", text: "\ufeff" },
  {
    name: "comments everywhere",
    text: '// mine\n{\n  // first\n  "model": "opus", // the big one\n  "a": 1 /* one */ // last\n  // nothing below\n}\n// end\n',
  },
  {
    name: "trailing commas",
    text: '{\n  "a": [1, 2,],\n  "hooks": {\n    "Stop": [\n      {"hooks": []},\n    ],\n  },\n}\n',
  },
  { name: "hooks: {} empty", text: '{\n  "hooks": {},\n  "model": "opus"\n}\n' },
  {
    name: "hooks with a comment and nothing else",
    text: '{\n  "hooks": { // to be filled\n  },\n  "z": { /* c */ }\n}\n',
  },
  { name: "hooks with a comment in one line", text: '{ "hooks": { /* later */ } }\n' },
  { name: "the user's own hooks for the same events", text: USERS_OWN },
  {
    name: "one line without a blank",
    text: '{"model":"opus","hooks":{"Stop":[{"hooks":[{"type":"command","command":"x"}]}]}}',
  },
  { name: "one line with empty hooks", text: '{"model":"opus","hooks":{},"env":{}}\n' },
  {
    name: "our entry from an older path",
    text: `{\n  "hooks": {\n    "PreToolUse": [\n      {\n        "matcher": "*",\n        "hooks": [{ "type": "command", "command": "${OLD}" }]\n      }\n    ],\n    "Gone": [{ "hooks": [{ "type": "command", "command": "${OLD}" }] }],\n    "Stop": []\n  }\n}\n`,
    without: '{\n  "hooks": {\n    "Stop": []\n  }\n}\n',
  },
  {
    name: "other tools that speak of televibe",
    text: `{\n  "hooks": {\n    "Stop": [\n      {\n        "hooks": [\n          { "type": "command", "command": "~/televibe-notify.sh" },\n          { "type": "command", "command": "echo televibe hook claude" },\n          { "type": "command", "command": "televibe hook claude && rm -rf /tmp/x" },\n          { "type": "command", "command": "node /x/televibe.js hook claude-2" },\n          { "type": "command", "command": "televibe emit hook claude" }\n        ]\n      }\n    ]\n  }\n}\n`,
  },
  {
    name: "duplicate keys",
    text: '{\n  "hooks": {"Stop": []},\n  "a": 1,\n  "a": 2,\n  "hooks": {\n    "Stop": [],\n    "Stop": [ ]\n  }\n}\n',
  },
  {
    name: "unicode escapes and odd keys",
    text: '{\n  "\\u0068ooks": {"St\\u006fp": [ ] },\n  "": "\\ud83d\\ude00 \\ud800",\n  "__proto__": {}\n}\n',
  },
  { name: "deep nesting", text: `{\n  "deep": ${"[".repeat(500)}${"]".repeat(500)}\n}\n` },
  {
    name: "far too deep nesting",
    text: `{"deep": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
    refusal: /nested too deeply/,
  },
  {
    name: "a huge file",
    text: `{\n${Array.from({ length: 4000 }, (_, index) => `  "key ${index}": { "a": [1, 2, 3] }`).join(",\n")}\n}\n`,
  },
  { name: "commas before the values", text: '{\n    "a": 1\n  , "b": 2\n  , "hooks": {\n      "Stop": []\n    }\n}\n' },
  { name: "no indentation", text: '{\n"a": 1,\n"hooks": {\n"Stop": [\n]\n}\n}' },
  { name: "old Mac line ends", text: '{\r"a": 1,\r"hooks": {}\r}\r' },
  {
    name: "hooks that are a list",
    text: '{\n  "hooks": []\n}\n',
    refusal: /"hooks" in it is an array where an object belongs/,
  },
  { name: "hooks that are null", text: '{"hooks": null}', refusal: /"hooks" in it is null/ },
  {
    name: "an event that is an object",
    text: '{"hooks": {"Stop": {}}}',
    refusal: /"hooks.Stop" in it is an object where an array/,
  },
  { name: "a list", text: "[]\n", refusal: /an array where settings are an object/ },
  { name: "no JSON", text: '{\n  "a": 1,\n  oops\n}\n', refusal: /not valid JSON at line 3, column 3/ },
  { name: "an unfinished file", text: '{\n  "a": {"b": 1', refusal: /not valid JSON at line 2/ },
  { name: "a comment alone", text: "// nothing yet\n", refusal: /not valid JSON/ },
  { name: "UTF-16", text: Buffer.from("\ufeff{}", "utf16le"), refusal: /not UTF-8/ },
  {
    name: "groups of no known form",
    text: '{"hooks": {"Stop": [1, null, "x", {"hooks": 3}, {"hooks": [null, {"command": 5}]}]}}\n',
  },
];
