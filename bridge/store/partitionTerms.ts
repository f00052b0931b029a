/**
 * Owns the terms by which a query passes over partitions that cannot have what it asks for: the projects, sessions, jobs
 * and types of a partition's events, and which types a project or a session has.
 */
import { type BloomFilter, type BloomHash, bloomHash } from "./bloomFilter.ts";
import type { RowFilter } from "./worker/messages.ts";

/** What of an event filters look at. */
export interface TermSource {
  readonly project: string;
  readonly session: string | null;
  readonly job: string | null;
  readonly type: string;
}

/** Above this many combinations looking them all up costs more than it saves. */
const MAX_COMBINATIONS = 64;

/** NUL joins what cannot hold it. */
const pair = (place: string, type: string): string => `${place}\u0000${type}`;

export const projectTerm = (project: string): string => `p${project}`;
export const sessionTerm = (session: string): string => `s${session}`;

export function addTerms(terms: Set<string>, { project, session, job, type }: TermSource): void {
  const places = session === null ? [projectTerm(project)] : [projectTerm(project), sessionTerm(session)];
  // A type is found by its domain's pattern as well.
  const types = [`t${type}`, `t${type.slice(0, type.indexOf("."))}.*`];
  for (const place of places) {
    terms.add(place);
    for (const each of types) terms.add(pair(place, each));
  }
  for (const each of types) terms.add(each);
  if (job !== null) terms.add(`j${job}`);
}

/** What must be in a partition that is to have a match: of each list at least one. */
export type RequiredTerms = readonly (readonly BloomHash[])[];

export function requiredTerms(filter: RowFilter): RequiredTerms {
  const projects = filter.project?.map(projectTerm);
  const sessions = filter.session?.map(sessionTerm);
  const jobs = filter.job?.map((job) => `j${job}`);
  const types = filter.type?.includes("*") ? undefined : filter.type?.map((type) => `t${type}`);
  const lists = [projects, sessions, jobs, types];
  for (const places of [projects, sessions]) {
    if (places === undefined || types === undefined || places.length * types.length > MAX_COMBINATIONS) continue;
    lists.push(places.flatMap((place) => types.map((type) => pair(place, type))));
  }
  return lists.flatMap((list) => (list === undefined ? [] : [list.map(bloomHash)]));
}

/** Whether a partition may have events that match; false is certain. */
export function mayHaveTerms(terms: BloomFilter, required: RequiredTerms): boolean {
  return required.every((list) => list.some((hash) => terms.mayHave(hash)));
}
