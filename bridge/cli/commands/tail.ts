/** Owns `televibe tail`. */
import type { Command } from "commander";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import type { LogPage } from "../../../shared/protocol/log.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import { fromWire } from "../../../shared/state/wire.ts";
import { plainLine } from "../../../shared/text/terminalText.ts";
import { findPlace } from "../../git/place.ts";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { interruption } from "../interruption.ts";
import { DEFAULT_TAIL_LINES } from "../logEnd.ts";
import { sessionsMeant, severalSessions } from "../meant.ts";
import { newestHere } from "../newestHere.ts";
import { addDataDir, type DataDirOption, parseCount } from "../sharedOptions.ts";

interface TailOptions extends DataDirOption {
  readonly lines: number;
  readonly follow?: boolean;
}

export function registerTail(program: Command, context: CliContext): void {
  const command = program
    .command("tail")
    .description("Show the end of a job's log")
    .argument("[target]", "a session or its name, or a job (default: the newest job of this folder)")
    .option("-n, --lines <count>", "how many lines", parseCount, DEFAULT_TAIL_LINES)
    .option("-f, --follow", "go on with what comes, until the job ends")
    .addHelpText("after", "\nExamples:\n  televibe tail -f\n  televibe tail feature/login -n 200");
  addDataDir(command).action(async (target: string | undefined, options: TailOptions) => {
    const { terminal } = context;
    const access = new BridgeAccess(context, options.dataDir);
    const client = new BridgeClient(await access.open());
    if (!options.follow) {
      const { lines } = await readEnd(client, target, options.lines);
      if (lines.length > 0) terminal.print(lines.map(plainLine).join("\n"));
      return;
    }
    // Loaded here: what follows a stream is half of this command's code, and the end of a log is shown without it.
    const { followLog } = await import("../../../shared/client/logStream.ts");
    const frames = followLog({
      connect: (signal) => access.open(signal),
      jobId: await findJob(client, target),
      from: { lines: options.lines },
      signal: interruption(),
    });
    for await (const { type, data } of frames) {
      if (type === "log.lines") for (const line of data.lines) terminal.print(plainLine(line));
      if (type === "log.gap") terminal.note(`televibe: ${data.to - data.from} bytes of the log are kept no longer`);
      if (type === "log.reset") terminal.note("televibe: the log was begun anew");
      if (type === "log.end") terminal.note(`televibe: the job has ended (${data.job_state})`);
    }
  });
}

/** The end of the log that is meant. A whole job id, as scripts write it, needs no looking up. */
async function readEnd(client: BridgeClient, target: string | undefined, lines: number): Promise<LogPage> {
  if (target !== undefined) {
    try {
      return await client.logPage(target, { lines });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
    }
  }
  return client.logPage(await findJob(client, target), { lines });
}

/**
 * The id of the job that is meant: by its id, as the newest of a session by id or name, of this folder's project before
 * others', or by the beginning of its id.
 */
async function findJob(client: BridgeClient, target: string | undefined): Promise<string> {
  const { seq, state } = await client.state();
  const picture = fromWire(seq, state);
  const { jobs: known } = picture;
  if (target !== undefined && known.has(target)) return target;
  const jobs = [...known.values()].reverse();
  if (target === undefined) {
    const newest = (await newestHere(picture, currentFolder())) ?? jobs[0];
    if (newest === undefined) throw new CliError("There is no job yet. Try: televibe run -- npm test");
    return newest.job_id;
  }
  const named = sessionsMeant(picture, target);
  const { project } = await findPlace(currentFolder());
  // Every project has its `main`.
  const ofProject = named.filter(({ project_id }) => project_id === project);
  const sessions = ofProject.length > 0 ? ofProject : named;
  if (sessions.length > 1 && sessions.some(({ session_id }) => session_id !== target))
    throw severalSessions(target, sessions);
  const newest = jobs.find((job) =>
    sessions.some(({ project_id, session_id }) => job.project_id === project_id && job.session_id === session_id),
  );
  if (newest !== undefined) return newest.job_id;
  const [only, other] = jobs.filter((job) => job.job_id.startsWith(target));
  if (other !== undefined) throw new CliError(`Several jobs begin with "${target}"; write more of the one you mean.`);
  if (only === undefined && sessions.length > 0) throw new CliError(`The session "${target}" has no job yet.`);
  if (only === undefined)
    throw new CliError(`There is no session and no job "${target}". \`televibe sessions\` lists them.`);
  return only.job_id;
}
