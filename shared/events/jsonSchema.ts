/** Owns the published JSON Schema (draft 2020-12), made from the same schemas that check events at the door. */
import { z } from "zod";
import { envelope } from "./event.ts";
import { payloadSchemas } from "./taxonomy.ts";

/**
 * The JSON Schema of an event as a producer may send it. Each known `event_type` selects its payload's schema; a type that
 * a later version adds to a known domain passes with any `data`.
 */
export function eventJsonSchema(): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Televibe event, as a producer sends it",
    ...schemaBody(envelope),
    allOf: Object.entries(payloadSchemas).map(([type, schema]) => ({
      if: { properties: { event_type: { const: type } } },
      // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's own keyword, and nobody awaits a schema.
      then: { properties: { data: schemaBody(schema) } },
    })),
  };
}

function schemaBody(schema: z.ZodType): object {
  const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io: "input" });
  return body;
}
