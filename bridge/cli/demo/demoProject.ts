/** Owns what marks the demo as one: a project of its own, so that all of it can be told apart and taken away at once. */

/** No folder is likely to be called so: a project that is named after its folder must not be taken for the demo. */
export const DEMO_PROJECT = "televibe-demo";
export const DEMO_PROJECT_NAME = "Demo";
export const DEMO_AGENT = "demo-agent";

/** What every instruction and question begins with. */
export function asDemo(text: string): string {
  return `Demo: ${text}`;
}
