/**
 * Owns `retention.json`: a small file that people can read and edit, read anew before it is gone by. One that is wrong
 * changes nothing: what was read last stays in force, and while nothing good was ever read nothing is removed at all,
 * since it may have said that more is kept than by default.
 */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { identifier } from "../../shared/events/identifier.ts";
import { toIssues } from "../../shared/events/parse.ts";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import type { PinnedSession, RetentionChange, RetentionSettings } from "../../shared/protocol/store.ts";
import { replaceFile } from "./durableFile.ts";

export const DEFAULT_RETENTION_DAYS = 30;
export const DEFAULT_MAX_BYTES = 5_000_000_000;

/** Less would not hold two partitions. */
export const LEAST_MAX_BYTES = 32_000_000;

/** Each is a part of every look into a partition. */
const MAX_PROJECTS = 1000;
const MAX_PINNED = 1000;
const MAX_DAYS = 36_500;

const days = z
  .int("must be a whole number of days, or null to keep for ever")
  .min(1, "must be at least 1")
  .max(MAX_DAYS, `must be at most ${MAX_DAYS}`)
  .nullable();
const maxBytes = z
  .int("must be a whole number of bytes, or null for no bound")
  .min(LEAST_MAX_BYTES, `must be at least ${LEAST_MAX_BYTES}`)
  .nullable();
const pinnedSession = z.strictObject({ project_id: identifier, session_id: identifier });

const settingsFile = z.strictObject({
  days: days.optional(),
  max_bytes: maxBytes.optional(),
  projects: z
    .record(identifier, z.strictObject({ days }))
    .refine((projects) => Object.keys(projects).length <= MAX_PROJECTS, `must be at most ${MAX_PROJECTS}`)
    .optional(),
  pinned: z.array(pinnedSession).max(MAX_PINNED, `must be at most ${MAX_PINNED}`).optional(),
});

/** Body of a change. */
export const retentionChange: z.ZodType<RetentionChange> = z.strictObject({
  days: days.exactOptional(),
  max_bytes: maxBytes.exactOptional(),
  projects: z.record(identifier, z.strictObject({ days }).nullable()).exactOptional(),
});

/** Body of a pin. */
export const pinBody: z.ZodType<PinnedSession> = pinnedSession;

/** What the file says: what it leaves out has its default. */
type FileContent = z.infer<typeof settingsFile>;

export interface RetentionSettingsOptions {
  readonly path: string;
  /** Where the file says nothing. */
  readonly defaultDays?: number;
}

export class RetentionSettingsFile {
  readonly path: string;
  readonly #defaultDays: number;
  #good: FileContent | undefined;
  #problem: string | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor({ path, defaultDays }: RetentionSettingsOptions) {
    this.path = path;
    this.#defaultDays = defaultDays ?? DEFAULT_RETENTION_DAYS;
  }

  /** What is in force; undefined while nothing good was read. */
  get current(): RetentionSettings | undefined {
    return this.#good === undefined ? undefined : this.#complete(this.#good);
  }

  /** What is wrong with the file as it was read last, naming the field. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads the file anew; answers what is in force then. A file that is not there leaves all to the defaults. */
  async read(): Promise<RetentionSettings | undefined> {
    try {
      this.#good = parseSettings(await readFile(this.path, "utf8"));
      this.#problem = undefined;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        this.#good = {};
        this.#problem = undefined;
      } else {
        this.#problem = `${this.path} ${error instanceof SettingsError ? error.message : `cannot be read: ${String(error)}`}`;
      }
    }
    return this.current;
  }

  /** @throws ProblemError `settings_invalid` when the file is wrong: what somebody wrote is not written over. */
  change({ days, max_bytes, projects }: RetentionChange): Promise<RetentionSettings> {
    return this.#update((content) => ({
      ...content,
      ...(days === undefined ? {} : { days }),
      ...(max_bytes === undefined ? {} : { max_bytes }),
      ...(projects === undefined ? {} : { projects: changedProjects(content.projects ?? {}, projects) }),
    }));
  }

  /** @throws ProblemError as `change` does. */
  pin(session: PinnedSession): Promise<RetentionSettings> {
    return this.#update(({ pinned = [], ...rest }) => ({
      ...rest,
      pinned: [...pinned.filter((other) => !isSame(other, session)), session],
    }));
  }

  /** @throws ProblemError as `change` does. */
  unpin(session: PinnedSession): Promise<RetentionSettings> {
    return this.#update(({ pinned = [], ...rest }) => ({
      ...rest,
      pinned: pinned.filter((other) => !isSame(other, session)),
    }));
  }

  #update(change: (content: FileContent) => FileContent): Promise<RetentionSettings> {
    const updated = this.#writing.then(async () => {
      await this.read();
      if (this.#problem !== undefined || this.#good === undefined) throw invalid(this.#problem ?? "");
      const next = change(this.#good);
      const checked = settingsFile.safeParse(next);
      if (!checked.success) throw problem("invalid_request", `Too much: ${describe(checked.error)}.`);
      await replaceFile(dirname(this.path), this.path, `${JSON.stringify(next, null, 2)}\n`);
      this.#good = next;
      return this.#complete(next);
    });
    // The next change does not care how this one ended; its caller does.
    this.#writing = updated.catch(() => undefined);
    return updated;
  }

  #complete({ days, max_bytes, projects = {}, pinned = [] }: FileContent): RetentionSettings {
    return {
      days: days === undefined ? this.#defaultDays : days,
      max_bytes: max_bytes === undefined ? DEFAULT_MAX_BYTES : max_bytes,
      projects,
      pinned,
    };
  }
}

class SettingsError extends Error {}

function parseSettings(text: string): FileContent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const checked = settingsFile.safeParse(value);
  if (!checked.success) throw new SettingsError(`is wrong: ${describe(checked.error)}`);
  return checked.data;
}

function describe(error: z.ZodError): string {
  return toIssues(error)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
    .join("; ");
}

function invalid(what: string): ProblemError {
  return problem("settings_invalid", `${what}. Mend the file, or remove it, and try again.`);
}

function changedProjects(
  projects: NonNullable<FileContent["projects"]>,
  changes: NonNullable<RetentionChange["projects"]>,
): NonNullable<FileContent["projects"]> {
  const next = new Map(Object.entries(projects));
  for (const [name, change] of Object.entries(changes)) {
    if (change === null) next.delete(name);
    else next.set(name, { days: change.days });
  }
  return Object.fromEntries(next);
}

function isSame(a: PinnedSession, b: PinnedSession): boolean {
  return a.project_id === b.project_id && a.session_id === b.session_id;
}
