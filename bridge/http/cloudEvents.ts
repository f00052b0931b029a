/**
 * Owns CloudEvents 1.0 as a form in which events come in (https://github.com/cloudevents/spec, v1.0.2: its JSON format and
 * JSON batch format). What has a place in our envelope goes there, and nothing of the rest is lost.
 */
import { v5 as nameBasedId } from "uuid";
import * as z from "zod";
import { eventIdentifier, MAX_IDENTIFIER_LENGTH } from "../../shared/events/identifier.ts";
import { type Issue, toIssues } from "../../shared/events/parse.ts";
import type { EventForm } from "./ingest.ts";

export const CLOUD_EVENT_TYPE = "application/cloudevents+json";
export const CLOUD_EVENT_BATCH_TYPE = "application/cloudevents-batch+json";

/** Ours, and as random as any: names below it are the ids of events whose own ids are no UUIDs. */
const ID_NAMESPACE = "c3f0a0f4-6f5e-4b8e-9d7b-2f3d5c1e8a40";

/** "CloudEvents attribute names MUST consist of lower-case letters or digits" (section "Naming conventions"). */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;
const JSON_CONTENT = /^application\/(?:[\w.-]+\+)?json(?:\s*;.*)?$/i;

/** Which of our places has another name in a CloudEvent. */
const PLACES: Readonly<Record<string, string>> = {
  "/event_id": "/id",
  "/event_type": "/type",
  "/timestamp": "/time",
  "/project_id": "/projectid",
  "/session_id": "/sessionid",
  "/job_id": "/jobid",
};

const text = z.string().min(1, "must not be empty");

const cloudEvent = z.looseObject({
  specversion: z.literal("1.0", 'must be "1.0"'),
  id: text,
  source: text,
  type: text,
  datacontenttype: z.string().regex(JSON_CONTENT, "must be JSON: what an event tells is read by its fields").optional(),
  data: z.record(z.string(), z.unknown(), "must be an object: what an event tells is read by its fields").optional(),
  data_base64: z.never(`is not taken: send JSON as "data"`).optional(),
});

export const cloudEventForm: EventForm = {
  read: (input) => {
    const checked = cloudEvent.safeParse(input);
    if (!checked.success) return { ok: false, issues: toIssues(checked.error) };
    const issues = nameIssues(checked.data);
    return issues.length > 0 ? { ok: false, issues } : { ok: true, value: toInput(checked.data) };
  },
  placeOf: (path) => PLACES[path] ?? path,
};

/** A name that is none, such as `project_id`, would otherwise be kept where nobody looks for it. */
function nameIssues(event: z.infer<typeof cloudEvent>): Issue[] {
  const taken =
    event.data !== undefined && "cloudevent" in event.data
      ? [{ path: "/data/cloudevent", message: "is where the event's further attributes are kept: call it otherwise" }]
      : [];
  const misnamed = Object.keys(event).flatMap((name) =>
    ATTRIBUTE_NAME.test(name)
      ? []
      : [{ path: `/${name}`, message: "is no attribute's name: those are of lower-case letters and digits" }],
  );
  return [...taken, ...misnamed];
}

function toInput({ specversion: _version, datacontenttype: _type, ...event }: z.infer<typeof cloudEvent>): object {
  const { id, source, type, time, projectid, sessionid, jobid, visibility, data, ...others } = event;
  const isUuid = eventIdentifier.safeParse(id).success;
  return {
    // Sent again, it is the same event: source and id together tell it from all others (section "id").
    event_id: isUuid ? id : nameBasedId(`${source}\n${id}`, ID_NAMESPACE),
    event_type: type,
    source: { component: "cloudevent", instance_id: sourceName(source) },
    project_id: projectid,
    ...(time === undefined ? {} : { timestamp: time }),
    ...(sessionid === undefined ? {} : { session_id: sessionid }),
    ...(jobid === undefined ? {} : { job_id: jobid }),
    ...(visibility === undefined ? {} : { visibility }),
    data: { ...data, cloudevent: { id, source, ...others } },
  };
}

/** A URI as an identifier of ours, which looks like no path. */
function sourceName(source: string): string {
  const parts = source
    .replace(/[\\\p{Cc}\u2028\u2029]/gu, "-")
    .split("/")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "." && part !== "..");
  const name = parts.join("/").slice(0, MAX_IDENTIFIER_LENGTH).replace(/\/$/, "").trim();
  return name === "" ? "unknown" : name;
}
