/** Owns that a rule which somebody's answer to the demo made goes when the demo goes. */
import { ProblemError } from "../../../shared/protocol/problem.ts";
import { RulesFile } from "../../rules/rulesFile.ts";
import { DEMO_PROJECT } from "./demoProject.ts";

/**
 * Takes them out of the rules file, which the bridge reads anew for each question. What people wrote themselves stays.
 * Answers whether there were any, or why they had to stay.
 */
export async function removeDemoRules(path: string): Promise<boolean | ProblemError> {
  try {
    return await new RulesFile(path).remove(
      ({ project, remembered_at }) => project === DEMO_PROJECT && remembered_at !== undefined,
    );
  } catch (error) {
    // A file that is wrong is its owner's to mend; none of its rules allows anything until then.
    if (error instanceof ProblemError && error.code === "settings_invalid") return error;
    throw error;
  }
}
