/**
 * Checks a value against a JSON Schema, as far as ours goes: a reader other than zod, which has its own idea of the words.
 * A keyword that it does not know is an error, so that nothing is passed over.
 */
type Schema = Readonly<Record<string, unknown>>;
type Check = (value: unknown, operand: unknown, schema: Schema) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function schemaOf(value: unknown): Schema {
  if (!isObject(value)) throw new Error(`Not a schema: ${JSON.stringify(value)}`);
  return value;
}
const schemasOf = (value: unknown): Schema[] => (Array.isArray(value) ? value.map(schemaOf) : []);

const ignored: Check = () => true;
const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  null: (value) => value === null,
};

const checks: Readonly<Record<string, Check>> = {
  $schema: ignored,
  title: ignored,
  // What it means, `pattern` says as well.
  format: ignored,
  type: (value, name) => types[String(name)]?.(value) ?? false,
  const: (value, operand) => value === operand,
  enum: (value, operand) => Array.isArray(operand) && operand.includes(value),
  pattern: (value, operand) => typeof value !== "string" || new RegExp(String(operand), "u").test(value),
  minLength: (value, operand) => typeof value !== "string" || [...value].length >= Number(operand),
  maxLength: (value, operand) => typeof value !== "string" || [...value].length <= Number(operand),
  minimum: (value, operand) => typeof value !== "number" || value >= Number(operand),
  maximum: (value, operand) => typeof value !== "number" || value <= Number(operand),
  minItems: (value, operand) => !Array.isArray(value) || value.length >= Number(operand),
  maxItems: (value, operand) => !Array.isArray(value) || value.length <= Number(operand),
  items: (value, operand) => !Array.isArray(value) || value.every((item) => fitsSchema(item, schemaOf(operand))),
  required: (value, operand) =>
    !isObject(value) || (Array.isArray(operand) && operand.every((name) => Object.hasOwn(value, String(name)))),
  properties: (value, operand) =>
    !isObject(value) ||
    Object.entries(schemaOf(operand)).every(
      ([name, schema]) => !Object.hasOwn(value, name) || fitsSchema(value[name], schemaOf(schema)),
    ),
  propertyNames: (value, operand) =>
    !isObject(value) || Object.keys(value).every((name) => fitsSchema(name, schemaOf(operand))),
  additionalProperties: (value, operand, schema) => {
    if (!isObject(value)) return true;
    const known = isObject(schema["properties"]) ? schema["properties"] : {};
    const others = Object.entries(value).filter(([name]) => !Object.hasOwn(known, name));
    return operand === false ? others.length === 0 : others.every(([, item]) => fitsSchema(item, schemaOf(operand)));
  },
  anyOf: (value, operand) => schemasOf(operand).some((schema) => fitsSchema(value, schema)),
  allOf: (value, operand) => schemasOf(operand).every((schema) => fitsSchema(value, schema)),
  if: (value, operand, { then }) => !fitsSchema(value, schemaOf(operand)) || fitsSchema(value, schemaOf(then)),
};

/** @throws Error for a keyword that is not known here. */
export function fitsSchema(value: unknown, schema: Schema): boolean {
  return Object.entries(schema).every(([keyword, operand]) => {
    // It is a part of `if`.
    if (keyword === "then") return true;
    const check = checks[keyword];
    if (check === undefined) throw new Error(`The keyword "${keyword}" is not known here`);
    return check(value, operand, schema);
  });
}
