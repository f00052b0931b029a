/** Owns which project or session people mean: the one with that id, or else the one that is called so. */
import type { BridgeClient } from "../../shared/client/bridgeClient.ts";
import type { Project, Session, State } from "../../shared/state/state.ts";
import { fromWire } from "../../shared/state/wire.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { CliError } from "./cliError.ts";

export interface PlaceOptions {
  readonly project?: string;
  readonly session?: string;
}

export interface Meant {
  /** The ids; what is not known is taken as an id, since events outlive what the picture remembers of them. */
  readonly ids: PlaceOptions;
  /** Says what there is not, where something is not known. */
  readonly unknown: string | undefined;
}

/** @throws CliError where several are called so. */
export async function readMeant(client: BridgeClient, options: PlaceOptions): Promise<Meant> {
  if (options.project === undefined && options.session === undefined) return { ids: {}, unknown: undefined };
  const { seq, state } = await client.state();
  return whatIsMeant(fromWire(seq, state), options);
}

/** @throws CliError where several are called so. */
export function whatIsMeant(state: State, { project, session }: PlaceOptions): Meant {
  const projects = project === undefined ? [] : projectsMeant(state, project);
  if (projects.length > 1) throw severalProjects(project ?? "", projects);
  const projectId = projects[0]?.project_id ?? project;
  const ofProject = projectId === undefined ? {} : { project: projectId };
  if (session === undefined) {
    return { ids: ofProject, unknown: projects.length === 0 ? noProject(project ?? "") : undefined };
  }
  const sessions = sessionsMeant(state, session, projectId);
  const [only, other] = sessions;
  const isUnknownProject = project !== undefined && projects.length === 0;
  if (only === undefined) {
    const unknown = isUnknownProject ? noProject(project) : noSession(session, project);
    return { ids: { ...ofProject, session }, unknown };
  }
  // By its id it is meant in every project that has it, as a filter is.
  if (only.session_id === session) return { ids: { ...ofProject, session }, unknown: undefined };
  if (other !== undefined) throw severalSessions(session, sessions);
  return { ids: { project: only.project_id, session: only.session_id }, unknown: undefined };
}

/** The one with this id, or else all that are called so. */
export function projectsMeant(state: State, wanted: string): readonly Project[] {
  const known = state.projects.get(wanted);
  if (known !== undefined) return [known];
  return [...state.projects.values()].filter(({ name }) => isCalled(name, wanted));
}

/** Those with this id, which each project may have, or else all that are called so. */
export function sessionsMeant(state: State, wanted: string, projectId?: string): readonly Session[] {
  const all = [...state.sessions.values()].filter(
    ({ project_id }) => projectId === undefined || project_id === projectId,
  );
  const byId = all.filter(({ session_id }) => session_id === wanted);
  return byId.length > 0 ? byId : all.filter(({ name }) => isCalled(name, wanted));
}

/** As it is, or as it is shown. */
function isCalled(name: string, wanted: string): boolean {
  return name === wanted || oneLine(name) === wanted;
}

export function noProject(wanted: string): string {
  return `There is no project "${wanted}". \`televibe sessions\` lists them.`;
}

function noSession(wanted: string, project: string | undefined): string {
  const where = project === undefined ? "" : ` in project "${project}"`;
  return `There is no session "${wanted}"${where}. \`televibe sessions\` lists them.`;
}

function severalProjects(wanted: string, found: readonly Project[]): CliError {
  const ids = found.map(({ project_id }) => project_id).join(", ");
  return new CliError(`Several projects are called "${wanted}": write the id of the one you mean (${ids}).`);
}

export function severalSessions(
  wanted: string,
  found: readonly Pick<Session, "project_id" | "session_id">[],
): CliError {
  const ids = found.map(({ project_id, session_id }) => `${project_id} / ${session_id}`).join(", ");
  return new CliError(`Several sessions are called "${wanted}": write the id of the one you mean (${ids}).`);
}
