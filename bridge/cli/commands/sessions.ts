/** Owns `televibe sessions`. */
import type { Command } from "commander";
import { CountdownTimer } from "../../../shared/client/countdownTimer.ts";
import { LiveState } from "../../../shared/client/liveState.ts";
import type { State } from "../../../shared/state/state.ts";
import { fromWire, toWire } from "../../../shared/state/wire.ts";
import { countdownChangesInMs } from "../../../shared/text/countdown.ts";
import { CliError } from "../cliError.ts";
import { BridgeAccess, type CliContext } from "../context.ts";
import { untilInterrupted } from "../interruption.ts";
import { noProject, projectsMeant } from "../meant.ts";
import { newLines, sessionsView } from "../sessionsView.ts";
import { addDataDir, type DataDirOption } from "../sharedOptions.ts";

interface SessionsOptions extends DataDirOption {
  readonly project?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Clears the screen and goes to its top left corner. */
const CLEAR = "\u001b[2J\u001b[H";

export function registerSessions(program: Command, context: CliContext): void {
  const command = program
    .command("sessions")
    .description("Show projects, sessions and jobs")
    .option("--project <id>", "only this project; its name will do")
    .option("-f, --follow", "draw it again at each change; where that is no terminal, print what has changed")
    .option("--json", "print the state as JSON")
    .addHelpText("after", "\nExamples:\n  televibe sessions\n  televibe sessions --follow --project shop");
  addDataDir(command).action(async (options: SessionsOptions) => {
    const { terminal } = context;
    const access = new BridgeAccess(context, options.dataDir);
    const shownOf = (state: State) => (options.project === undefined ? state : onlyProject(state, options.project));
    const draw = (state: State) => {
      const shown = shownOf(state);
      if (options.json) terminal.print(JSON.stringify(toWire(shown)));
      else terminal.print(sessionsView(shown, terminal.style, Date.now()).join("\n"));
    };
    if (!options.follow) {
      const { seq, state } = await (await access.client()).state();
      const all = fromWire(seq, state);
      if (options.project !== undefined && all.projects.size > 0 && projectsMeant(all, options.project).length === 0)
        throw new CliError(noProject(options.project));
      draw(all);
      return;
    }
    const live = new LiveState({ connect: (signal) => access.open(signal) });
    let shownLines: readonly string[] = [];
    const drawAgain = (state: State) => {
      if (options.json) return draw(state);
      const lines = sessionsView(shownOf(state), terminal.style, Date.now());
      // In one piece, or the empty screen would be seen.
      if (terminal.isInteractive) terminal.print(`${CLEAR}${lines.join("\n")}`);
      else for (const line of newLines(shownLines, lines)) terminal.print(line);
      shownLines = lines;
    };
    // Where nothing can be drawn over, each second would be a line.
    using countdowns = new CountdownTimer({
      shown: () => (terminal.isInteractive && !options.json ? shownOf(live.state).approvals.values() : []),
      changesInMs: countdownChangesInMs,
      onDue: () => drawAgain(live.state),
    });
    live.onDidChange((state) => {
      drawAgain(state);
      countdowns.look();
    });
    live.start();
    await untilInterrupted();
    await live.stop();
  });
}

function onlyProject(state: State, wanted: string): State {
  const ids = new Set(projectsMeant(state, wanted).map(({ project_id }) => project_id));
  const only = <V extends { readonly project_id: string }>(all: ReadonlyMap<string, V>) =>
    new Map([...all].filter(([, { project_id }]) => ids.has(project_id)));
  return {
    seq: state.seq,
    projects: only(state.projects),
    sessions: only(state.sessions),
    jobs: only(state.jobs),
    approvals: only(state.approvals),
    tasks: only(state.tasks),
    orchestrators: only(state.orchestrators),
    notices: state.notices.filter(({ project_id }) => ids.has(project_id)),
  };
}
