/** Owns `televibe tail`. */
import type { Command } from "commander";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { followLog } from "../../../shared/client/logStream.ts";
import type { Job, State } from "../../../shared/state/state.ts";
import { fromWire } from "../../../shared/state/wire.ts";
import { plainLine } from "../../../shared/text/terminalText.ts";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { findPlace } from "../git/place.ts";
import { interruption } from "../interruption.ts";
import { addDataDir, type DataDirOption, parseCount } from "../sharedOptions.ts";

interface TailOptions extends DataDirOption {
  readonly lines: number;
  readonly follow?: boolean;
}

export function registerTail(program: Command, context: CliContext): void {
  const command = program
    .command("tail")
    .description("Show the end of a job's log")
    .argument("[target]", "a session, or a job (default: the newest job of this folder's session)")
    .option("-n, --lines <count>", "how many lines", parseCount, 50)
    .option("-f, --follow", "go on with what comes, until the job ends")
    .addHelpText("after", "\nExamples:\n  televibe tail -f\n  televibe tail feature/login -n 200");
  addDataDir(command).action(async (target: string | undefined, options: TailOptions) => {
    const { terminal } = context;
    const access = new BridgeAccess(context, options.dataDir);
    const client = new BridgeClient(await access.open());
    const { seq, state } = await client.state();
    const job = await findJob(fromWire(seq, state), target);
    if (!options.follow) {
      const { lines } = await client.logPage(job.job_id, { lines: options.lines });
      for (const line of lines) terminal.print(plainLine(line));
      return;
    }
    const frames = followLog({
      connect: (signal) => access.open(signal),
      jobId: job.job_id,
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

/** The job that is meant: by id or its beginning, else the newest of a session, of this folder's project before others'. */
async function findJob(state: State, target: string | undefined): Promise<Job> {
  const jobs = [...state.jobs.values()].reverse();
  const { project, session } = await findPlace(currentFolder());
  if (target === undefined) {
    const here = jobs.find((job) => job.project_id === project && job.session_id === session);
    const newest = here ?? jobs[0];
    if (newest === undefined) throw new CliError("There is no job yet. Try: televibe run -- npm test");
    return newest;
  }
  // Every project has its `main`.
  const ofSession = jobs.filter((job) => job.session_id === target);
  const exact = state.jobs.get(target) ?? ofSession.find((job) => job.project_id === project) ?? ofSession[0];
  if (exact !== undefined) return exact;
  const begins = jobs.filter((job) => job.job_id.startsWith(target));
  const [only, other] = begins;
  if (other !== undefined) throw new CliError(`Several jobs begin with "${target}"; write more of the one you mean.`);
  if (only === undefined)
    throw new CliError(`There is no session and no job "${target}". \`televibe sessions\` lists them.`);
  return only;
}
