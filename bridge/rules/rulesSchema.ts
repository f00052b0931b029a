/** Owns the check of `rules.json`, which is also its published JSON Schema, and of what is asked about it. */
import * as z from "zod";
import { identifier } from "../../shared/events/identifier.ts";
import { requiredText, timestamp } from "../../shared/events/payload.ts";
import { AFTER, type Rule, type RuleCheck, type RuleTimeout } from "../../shared/protocol/rules.ts";

/** What parts commands from each other, or stands for what is not known: no single command that is looked for has it. */
const OPERATORS = /[;&|<>()`$\r\n]/;

/** Longest pattern of a command; one without wildcards may be longer. */
const MAX_PATTERN_LENGTH = 1000;

/** Most rules, and most timeouts, that a file may have. */
export const MAX_RULES = 1000;

const rule: z.ZodType<Rule> = z
  .strictObject({
    decision: z.enum(["allow", "deny", "ask"]).describe("The first rule that fits decides"),
    scope: requiredText
      .exactOptional()
      .describe("What is asked for: command, edit, read, network, tool, or a producer's own word"),
    tool: requiredText
      .exactOptional()
      .describe("The agent's tool; * stands for any part of its name, as in mcp__github__*"),
    command: requiredText
      .exactOptional()
      .describe("The words of one plain command; a * that is the last word stands for any further words"),
    path: requiredText
      .exactOptional()
      .describe(
        "A file: * and ? stand for a part of one name, ** for any folders; relative to the project's folder, to ~/, or absolute",
      ),
    exact: z
      .literal(true)
      .exactOptional()
      .describe("Command and path are meant as they stand, without wildcards; of an allow rule"),
    project: identifier.exactOptional(),
    project_folder: requiredText
      .regex(/^(?:\/|\\\\|[A-Za-z]:[\\/])/, "must be an absolute path")
      .exactOptional()
      .describe("The project's own folder, the main one of a repository, where another project has the same name"),
    session: identifier.exactOptional(),
    agent: requiredText.exactOptional().describe("Such as claude or codex"),
    name: requiredText.exactOptional().describe("What the rule is called where it has decided"),
    reason: requiredText.exactOptional().describe("Told to whoever asked"),
    remembered_at: timestamp.exactOptional().describe("Set where an answer became this rule"),
  })
  .refine(
    ({ decision, scope, tool, command, path }) =>
      decision !== "allow" || (scope ?? tool ?? command ?? path) !== undefined,
    { message: "must name a scope, tool, command or path: an allow rule without any would allow everything" },
  )
  .refine(({ decision, exact, command, path }) => !exact || (decision === "allow" && (command ?? path) !== undefined), {
    message: "must be an allow rule with a command or path: deny and ask rules look for a command wherever it stands",
    path: ["exact"],
  })
  .refine(({ exact, command = "" }) => exact === true || command.length <= MAX_PATTERN_LENGTH, {
    message: `must have at most ${MAX_PATTERN_LENGTH} characters, unless the rule is exact`,
    path: ["command"],
  })
  .refine(({ decision, command }) => decision === "allow" || command === undefined || !OPERATORS.test(command), {
    message: "must name one command by itself in a deny or ask rule, without ; & | < > ( ) $ and backquotes",
    path: ["command"],
  });

const timeout: z.ZodType<RuleTimeout> = z.strictObject({
  scope: requiredText.describe("* for every one"),
  project: identifier.exactOptional(),
  after: z.string().regex(AFTER, "must be a length of time such as 90s, 10m, 2h or 1d"),
  decision: z.enum(["approve", "deny"]).exactOptional().describe("deny, when absent"),
});

export const rulesFile = z.strictObject({
  $schema: z.string().optional(),
  rules: z.array(rule).max(MAX_RULES, `must be at most ${MAX_RULES}`).optional(),
  timeouts: z.array(timeout).max(MAX_RULES, `must be at most ${MAX_RULES}`).optional(),
});

/** Body of `POST /v1/rules/check`. */
export const ruleCheck: z.ZodType<RuleCheck> = z.strictObject({
  scope: requiredText.exactOptional(),
  tool: requiredText.exactOptional(),
  command: z.string().exactOptional(),
  path: requiredText.exactOptional(),
  cwd: requiredText.exactOptional(),
  project_id: identifier.exactOptional(),
  project_folder: requiredText.exactOptional(),
  session_id: identifier.exactOptional(),
  agent: requiredText.exactOptional(),
});

/** What editors check the file by. */
export function rulesJsonSchema(): object {
  return { ...z.toJSONSchema(rulesFile, { io: "input", target: "draft-7" }), title: "Televibe rules" };
}
