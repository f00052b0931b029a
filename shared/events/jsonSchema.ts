/** Owns the published JSON Schema (draft 2020-12), made from the same schemas that check events at the door. */
import * as z from "zod";
import { EVENT_TYPE_PATTERN } from "./domain.ts";
import { envelope } from "./event.ts";
import { payloadSchemas } from "./taxonomy.ts";

/**
 * The JSON Schema of an event as a producer may send it. Each known `event_type` selects its payload's schema; a type that
 * a later version adds to a known domain passes with any `data`. A job's event names its job, a session's its session.
 */
export function eventJsonSchema(): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Televibe event, as a producer sends it",
    ...schemaBody(envelope),
    allOf: [
      { properties: { event_type: { pattern: EVENT_TYPE_PATTERN } } },
      whenType({ pattern: "^job\\." }, { required: ["job_id"], properties: { job_id: { type: "string" } } }),
      whenType(
        { pattern: "^session\\." },
        { required: ["session_id"], properties: { session_id: { type: "string" } } },
      ),
      ...Object.entries(payloadSchemas).map(([type, schema]) =>
        whenType(
          { const: type },
          { ...(schema.safeParse({}).success ? {} : { required: ["data"] }), properties: { data: schemaBody(schema) } },
        ),
      ),
    ],
  };
}

function whenType(event_type: object, then: object): object {
  return { if: { properties: { event_type } }, then };
}

function schemaBody(schema: z.ZodType): object {
  const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io: "input" });
  return body;
}
