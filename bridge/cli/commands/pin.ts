/** Owns `televibe pin` and `televibe unpin`. */
import type { Command } from "commander";
import type { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import type { PinnedSession, RetentionReport } from "../../../shared/protocol/store.ts";
import { fromWire } from "../../../shared/state/wire.ts";
import { findPlace } from "../../git/place.ts";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { sessionsMeant, severalSessions, whatIsMeant } from "../meant.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface PinOptions extends DataDirOption {
  readonly project?: string;
}

export function registerPin(program: Command, context: CliContext): void {
  const pin = program
    .command("pin")
    .description("Keep a session's events and logs, whatever their age and size")
    .argument("<session>", "the session, or its name; without --project that of this folder's project before others'")
    .option("--project <id>", "its project; its name will do")
    .addHelpText("after", "\nExamples:\n  televibe pin feature/login\n  televibe pin main --project shop");
  addDataDir(pin).action(async (session: string, options: PinOptions) => {
    const client = await new BridgeAccess(context, options.dataDir).client();
    const found = await knownSession(client, session, options.project);
    await client.json("POST", "/v1/store/pins", { body: found });
    context.terminal.print(`Pinned ${found.project_id} / ${found.session_id}: it is kept until \`televibe unpin\`.`);
  });
}

export function registerUnpin(program: Command, context: CliContext): void {
  const unpin = program
    .command("unpin")
    .description("Keep a session no longer than others")
    .argument("<session>", "the session, as `televibe store retention` lists it")
    .option("--project <id>", "its project; its name will do")
    .addHelpText("after", "\nExample:\n  televibe unpin feature/login");
  addDataDir(unpin).action(async (session: string, options: PinOptions) => {
    const client = await new BridgeAccess(context, options.dataDir).client();
    const found = await pinnedSession(client, session, options.project);
    const [project, name] = [found.project_id, found.session_id].map(encodeURIComponent);
    await client.json("DELETE", `/v1/store/pins/${project}/${name}`);
    context.terminal.print(`${found.project_id} / ${found.session_id} is not pinned any more.`);
  });
}

function at(project_id: string, session_id: string): PinnedSession {
  return { project_id, session_id };
}

async function knownSession(client: BridgeClient, session: string, project?: string): Promise<PinnedSession> {
  const { seq, state } = await client.state();
  const picture = fromWire(seq, state);
  if (project !== undefined) {
    // One that the picture has forgotten is taken as it is written.
    const { ids } = whatIsMeant(picture, { project, session });
    return at(ids.project ?? project, ids.session ?? session);
  }
  return oneOf(
    sessionsMeant(picture, session),
    session,
    `There is no session "${session}". \`televibe sessions\` lists them; one that it has forgotten needs --project.`,
  );
}

async function pinnedSession(client: BridgeClient, session: string, wantedProject?: string): Promise<PinnedSession> {
  const { settings } = await client.json<RetentionReport>("GET", "/v1/store/retention");
  const pinned = settings?.pinned ?? [];
  const isPinned = (place: PinnedSession) =>
    pinned.some(({ project_id, session_id }) => project_id === place.project_id && session_id === place.session_id);
  const { seq, state } = await client.state();
  const picture = fromWire(seq, state);
  const project =
    wantedProject === undefined ? undefined : whatIsMeant(picture, { project: wantedProject }).ids.project;
  const byId = pinned.filter(
    ({ project_id, session_id }) => session_id === session && (project === undefined || project_id === project),
  );
  return oneOf(
    byId.length > 0 ? byId : sessionsMeant(picture, session, project).filter(isPinned),
    session,
    `The session "${session}" is not pinned. \`televibe store retention\` lists those that are.`,
  );
}

/** Every project has its `main`: this folder's is meant before others'. */
async function oneOf(found: readonly PinnedSession[], session: string, none: string): Promise<PinnedSession> {
  const here = found.length > 1 ? (await findPlace(process.cwd())).project : undefined;
  const [only, other] = here === undefined ? found : found.filter(({ project_id }) => project_id === here);
  if (only !== undefined && other === undefined) return at(only.project_id, only.session_id);
  if (found.length === 0) throw new CliError(none);
  if (found.some(({ session_id }) => session_id !== session)) throw severalSessions(session, found);
  const projects = found.map(({ project_id }) => project_id).join(", ");
  throw new CliError(`Several projects have a session "${session}": say which with --project (${projects}).`);
}
