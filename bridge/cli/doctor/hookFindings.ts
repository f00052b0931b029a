/** Owns what is wrong with the hooks of this user's agents: an update may have removed the files that they run. */
import { HOOK_AGENTS } from "../../../shared/protocol/agentHook.ts";
import { currentFolder } from "../currentFolder.ts";
import { titleOf } from "../hooks/agents.ts";
import { missingHookFiles } from "../hooks/inspection.ts";
import { settingsPath } from "../hooks/settingsPath.ts";
import type { Finding } from "./finding.ts";

export async function hookFindings(env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const agent of HOOK_AGENTS) {
    const path = await settingsPath(agent, "user", { env, cwd: currentFolder() });
    const missing = await missingHookFiles(agent, path);
    if (missing.length === 0) continue;
    findings.push({
      isGood: false,
      text: `The hooks of ${titleOf(agent)} run what is not there: ${missing.join(", ")}`,
      mend: `Install them again: televibe hooks install ${agent}`,
    });
  }
  return findings;
}
