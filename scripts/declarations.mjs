// Writes dist/producer.d.ts: all that TypeScript has to know of `import { … } from "televibe"`, in one file that needs no package.
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const TYPES = join(root, ".cache/types");
const ENTRY = join(TYPES, "producer/producer.d.ts");
/** Written in terms of zod, so its declarations are made from the schemas themselves. */
const TAXONOMY = "shared/events/taxonomy.d.ts";

export async function writeDeclarations() {
  const { status, error } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "--build", "producer"], {
    cwd: root,
    stdio: "inherit",
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error("The producer's types do not compile, so its declarations cannot be written.");
  const parts = [];
  await collect(ENTRY, parts, new Set());
  await writeFile(join(root, "dist/producer.d.ts"), `${parts.join("\n").trimEnd()}\n`);
}

/** Puts the declarations that a file stands on in front of its own. Names are told apart by being different. */
async function collect(file, parts, done) {
  if (done.has(file)) return;
  done.add(file);
  const name = relative(TYPES, file).split(sep).join("/");
  if (name === TAXONOMY) {
    parts.push(await taxonomyDeclarations());
    return;
  }
  const text = await readFile(file, "utf8");
  for (const [, specifier] of text.matchAll(/^(?:import|export)\s[^;]*?\sfrom "([^"]+)";$/gm)) {
    if (!specifier.startsWith("."))
      throw new Error(`${name} needs ${specifier}, which users of the package do not have.`);
    await collect(resolve(dirname(file), specifier.replace(/\.ts$/, ".d.ts")), parts, done);
  }
  parts.push(file === ENTRY ? entryDeclarations(text) : innerDeclarations(text));
}

function entryDeclarations(text) {
  return text.replace(/^import .*$\n/gm, "").replace(/^(export type \{[^}]*\}) from "[^"]+";$/gm, "$1;");
}

function innerDeclarations(text) {
  return text
    .replace(/^import .*$\n/gm, "")
    .replace(/^\/\*\* Owns [\s\S]*?\*\/\n/, "")
    .replace(/^export declare /gm, "declare ")
    .replace(/^export (type|interface) /gm, "$1 ")
    .replace(/^export \{\};\n/gm, "");
}

async function taxonomyDeclarations() {
  const contents = `
    import * as z from "zod";
    import { payloadSchemas } from "./shared/events/taxonomy.ts";
    module.exports = Object.entries(payloadSchemas).map(([type, schema]) => [type, z.toJSONSchema(schema)]);`;
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
    logLevel: "warning",
  });
  const schemas = { exports: {} };
  new Function("module", "require", outputFiles[0].text)(schemas, createRequire(import.meta.url));
  const payloads = schemas.exports.map(([type, schema]) => `    ${JSON.stringify(type)}: ${typeOf(schema, "    ")};`);
  return [
    "/** The payload (`data`) of each event type. Further fields are kept as they are. */",
    `interface Payloads {\n${payloads.join("\n")}\n}`,
    "type EventType = keyof Payloads;",
    "type Payload<T extends EventType> = Payloads[T];",
  ].join("\n");
}

/** A JSON Schema, of the kinds that the taxonomy has, as TypeScript. */
function typeOf(schema, indent) {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  switch (schema.type) {
    case "string":
    case "boolean":
      return schema.type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `${parenthesized(typeOf(schema.items, indent))}[]`;
    case "object":
      return objectType(schema, indent);
    default:
      if (Object.keys(schema).length === 0) return "unknown";
      throw new Error(`No TypeScript is known for ${JSON.stringify(schema)}`);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }, indent) {
  const inner = `${indent}    `;
  const fields = Object.entries(properties).map(([name, schema]) =>
    required.includes(name)
      ? `${inner}${name}: ${typeOf(schema, inner)};`
      : `${inner}${name}?: ${typeOf(schema, inner)} | undefined;`,
  );
  if (additionalProperties !== false) fields.push(`${inner}[name: string]: unknown;`);
  return `{\n${fields.join("\n")}\n${indent}}`;
}

function parenthesized(type) {
  return type.includes(" | ") && !type.startsWith("{") ? `(${type})` : type;
}
