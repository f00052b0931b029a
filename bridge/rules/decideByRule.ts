/** Owns which rule decides: the first that fits. Allow rules must name the whole of what is asked; deny and ask rules any of it. */
import { resolve } from "node:path";
import type { Rule } from "../../shared/protocol/rules.ts";
import { loosened } from "./paths/pathPattern.ts";
import { allowsPath, type PathTerms, partsInside, readPathPattern, searchPath } from "./paths/pathRule.ts";
import { findPlace, findProject, type Place, placeOf } from "./paths/places.ts";
import { isReadable, type RuleRequest } from "./request.ts";
import { allowsCommand, searcherOf } from "./shell/commandPattern.ts";
import type { Search } from "./shell/soughtCommand.ts";
import { matchesWildcard } from "./wildcard.ts";

/** The bridge's surroundings, which rules depend on. */
export interface Surroundings {
  /** What `~` stands for. */
  readonly home: string;
  /** Televibe's own folder: no rule allows anything in it, since the rules themselves are there. */
  readonly dataDir: string;
}

export interface RuleDecision {
  readonly decision: Rule["decision"];
  readonly rule: Rule;
  /** Its place in the file, from 0. */
  readonly index: number;
  /** Set where the rule may not mean this, and nobody can tell. */
  readonly note?: string;
}

export async function decideByRule(
  rules: readonly Rule[],
  request: RuleRequest,
  surroundings: Surroundings,
): Promise<RuleDecision | undefined> {
  const judge = new RuleJudge(request, surroundings);
  /** The first rule that may mean what nobody can tell: behind it nothing is allowed any more. */
  let barrier: RuleDecision | undefined;
  for (const [index, rule] of rules.entries()) {
    if (!fitsPlainly(rule, request)) continue;
    if (rule.decision === "allow") {
      if (!(await judge.allows(rule))) continue;
      return barrier ?? { decision: "allow", rule, index };
    }
    const { outcome, why } = await judge.search(rule);
    if (outcome === "found") return { decision: rule.decision, rule, index };
    if (outcome === "unclear") barrier ??= { decision: "ask", rule, index, note: why };
  }
  return barrier;
}

/** What needs no reading of commands or paths. */
function fitsPlainly(rule: Rule, request: RuleRequest): boolean {
  const { scope, tool, project, project_folder, session, agent } = rule;
  return (
    (scope === undefined || scope === request.scope) &&
    (tool === undefined || (request.tool !== undefined && matchesWildcard(tool, request.tool))) &&
    (project === undefined || fitsProject(rule, project, request)) &&
    (project_folder === undefined || fitsFolder(rule, project_folder, request)) &&
    (session === undefined || session === request.session) &&
    (agent === undefined || agent === request.agent)
  );
}

function fitsProject({ decision }: Rule, project: string, { projects }: RuleRequest): boolean {
  if (decision !== "allow") return projects.includes(project);
  return projects.length > 0 && projects.every((each) => each === project);
}

/** By its name alone; what else may be meant by a deny or ask rule is looked up when it is judged. */
function fitsFolder({ decision }: Rule, folder: string, { projectFolder }: RuleRequest): boolean {
  return decision !== "allow" || resolve(folder) === projectFolder;
}

const FITS: Search = { outcome: "found", why: "the rule names it" };
const OTHER: Search = { outcome: "not_found", why: "the rule names something else" };
const NOT_TOLD: Search = { outcome: "unclear", why: "what is asked is not told in the form that rules read" };

/** What was found, or else what is unclear; undefined where it is neither. */
function worst(searches: readonly Search[]): Search | undefined {
  return searches.find(({ outcome }) => outcome === "found") ?? searches.find(({ outcome }) => outcome === "unclear");
}

/** Holds rules against one question; where its files are is looked up once, when a rule needs it. */
class RuleJudge {
  readonly #request: RuleRequest;
  readonly #surroundings: Surroundings;
  /** One for the command, and one for what people are shown instead of it. */
  readonly #searchers: readonly ((pattern: string) => Search)[];
  #places: Promise<readonly (Place | undefined)[]> | undefined;

  constructor(request: RuleRequest, surroundings: Surroundings) {
    this.#request = request;
    const texts = [request.command, request.action].filter((text) => text !== undefined);
    this.#searchers = texts.filter(isReadable).map(searcherOf);
    this.#surroundings = surroundings;
  }

  async allows(rule: Rule): Promise<boolean> {
    const request = this.#request;
    if (!request.isWellFormed) return false;
    if (rule.command !== undefined) {
      if (request.command === undefined || request.action !== undefined) return false;
      const isNamed = rule.exact ? rule.command === request.command : allowsCommand(rule.command, request.command);
      if (!isNamed) return false;
    }
    return (await this.#allowsFiles(rule)) && !(await this.#isOwn());
  }

  /** All that the rule names must be there; one part that nobody can tell makes the whole so. */
  async search({ command, path, project_folder }: Rule): Promise<Search> {
    const request = this.#request;
    if (project_folder !== undefined && !(await this.#isAskedIn(project_folder))) return OTHER;
    const ofPath = path === undefined ? FITS : await this.#searchFiles(path);
    if (ofPath.outcome === "not_found" || command === undefined) return ofPath;
    const ofCommand = worst(this.#searchers.map((searchFor) => searchFor(command))) ?? OTHER;
    if (ofCommand.outcome === "found") return ofPath;
    return request.isWellFormed ? ofCommand : NOT_TOLD;
  }

  /** Wherever its links lead, in upper and lower case. Where nobody told which of its name it is, it may be that one. */
  async #isAskedIn(folder: string): Promise<boolean> {
    const { projectFolder } = this.#request;
    if (projectFolder === undefined) return true;
    const [meant, told] = (await Promise.all([placeOf(folder), placeOf(projectFolder)])).map(({ named, real }) =>
      [named, real].flatMap((path) => (path === undefined ? [] : [loosened(path)])),
    );
    return meant?.some((path) => told?.includes(path)) === true;
  }

  async #allowsFiles({ path, command, exact }: Rule): Promise<boolean> {
    if (path === undefined) return true;
    const request = this.#request;
    // A command that mentions a file may do anything with it, and with others.
    if (request.paths.length === 0 || (request.command !== undefined && command === undefined)) return false;
    const terms = await this.#read(path, exact === true);
    return (await this.#findPlaces()).every((place) => allowsPath(terms, place));
  }

  async #searchFiles(path: string): Promise<Search> {
    const { paths, isWellFormed } = this.#request;
    const terms = await this.#read(path, false);
    const places = await this.#findPlaces();
    const found = paths.map((each, index) => searchPath(terms, each, places[index]));
    return worst(found) ?? (isWellFormed ? OTHER : NOT_TOLD);
  }

  async #read(pattern: string, isExact: boolean): Promise<PathTerms> {
    const { home } = this.#surroundings;
    return readPathPattern(pattern, { isExact, home, project: await findProject(this.#request, home) });
  }

  async #isOwn(): Promise<boolean> {
    if (this.#request.paths.length === 0) return false;
    const { named, real } = await placeOf(this.#surroundings.dataDir);
    return (await this.#findPlaces()).some((place) =>
      [place?.named, place?.entry, place?.real].some((path) =>
        [named, real].some((own) => path !== undefined && own !== undefined && partsInside(own, path) !== undefined),
      ),
    );
  }

  #findPlaces(): Promise<readonly (Place | undefined)[]> {
    this.#places ??= Promise.all(this.#request.paths.map((path) => findPlace(path, this.#request)));
    return this.#places;
  }
}
