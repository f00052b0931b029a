/**
 * Owns everything that shell text could run, as far as it can be told from the text: each command in it, what commands that run
 * others are given to run, and what shells are given to read.
 */
import { type ScanFindings, scanShell } from "./shellScanner.ts";
import { ANY_NAME, ANYTHING, isKnown, type ShellWord } from "./shellWord.ts";

export interface CommandCandidates {
  /** Words of commands, the command's own name first. */
  readonly commands: readonly (readonly ShellWord[])[];
  /** Why not all was understood, which goes on from "the command …"; undefined when it was. */
  readonly unclear: string | undefined;
}

/** They run what is among their arguments; where it begins depends on their options. */
const WRAPPERS = new Set(
  (
    "sudo doas pkexec env nohup xargs timeout command exec builtin nice ionice chrt time stdbuf setsid unbuffer chroot busybox toybox watch " +
    "find fd parallel flock unshare nsenter setpriv runuser su strace ltrace coproc noglob nocorrect - entr start torify proxychains ssh repeat"
  ).split(" "),
);
/** They give what they run further words, which they read from elsewhere. */
const FEEDERS = new Set(["xargs", "parallel", "fd", "entr"]);
/** They run text as a shell does. */
const SHELLS = new Set("sh bash dash zsh ksh mksh ash fish csh tcsh rbash pwsh powershell cmd".split(" "));
/** They run a file, or what stands in the place of one. */
const FILE_READERS = new Set([...SHELLS, "source", "."]);
/** They begin a shell as somebody else where no command is given. */
const SWITCHERS = new Set("su runuser script newgrp sg login".split(" "));
/** They do with an option. */
const ROOT_SHELLS = new Set(["sudo", "doas", "pkexec"]);
/** Options whose value is the next word. */
const SHELL_VALUES = /^(?:[-+]\w*[oO]|--(?:rcfile|init-file))$/;
const SSH_VALUES = /^-\w*[BbcDEeFIiJLlmOopQRSWw]$/;
const SUDO_VALUES = /^-\w*[CDghpRrTtUu]$/;
const READERS = new Set([
  ...FILE_READERS,
  ...SWITCHERS,
  ...ROOT_SHELLS,
  ..."eval trap ssh watch flock parallel env find xargs".split(" "),
]);

const MAX_ROUNDS = 12;
const MAX_CANDIDATES = 3000;
const MAX_WRAPPED_WORDS = 100;

/** Looks for all of it in one text. */
export function findCommands(text: string): CommandCandidates {
  const findings: ScanFindings = { commands: [], documents: [], unclear: undefined };
  scanShell(text, findings);
  const candidates: (readonly ShellWord[])[] = [];
  let waiting = findings.commands.splice(0).map(({ words }) => words);
  for (let round = 0; waiting.length > 0; round += 1) {
    if (round === MAX_ROUNDS || candidates.length + waiting.length > MAX_CANDIDATES) {
      findings.unclear ??= "runs too much within itself";
      break;
    }
    candidates.push(...waiting);
    const within = waiting.flatMap((words) => commandsWithin(words, findings));
    waiting = [...within, ...findings.commands.splice(0).map(({ words }) => words)];
  }
  return { commands: candidates, unclear: findings.unclear };
}

/** The name by which a command is known: without its folder, and as a file system that knows no case has it. */
export function commandName(text: string): string {
  const name = text.slice(text.lastIndexOf("/") + 1).toLowerCase();
  return name.replace(/\.exe$/, "");
}

function commandsWithin(words: readonly ShellWord[], findings: ScanFindings): readonly (readonly ShellWord[])[] {
  const [first, ...given] = words;
  if (first === undefined) return [];
  const name = commandName(first.text);
  if (!isKnown(name)) {
    findings.unclear ??= "has an expansion or a pattern in the place of a command's name";
    // It may come to nothing, and then the next word is the command.
    return first.isMany && given.length > 0 ? [given] : [];
  }
  if (READERS.has(name)) readAsShell(name, given, findings);
  return WRAPPERS.has(name) ? wrapped(name, given, findings) : [];
}

function wrapped(name: string, given: readonly ShellWord[], findings: ScanFindings): readonly (readonly ShellWord[])[] {
  const fed: readonly ShellWord[] = FEEDERS.has(name) ? [{ text: ANYTHING, isMany: true, isQuoted: true }] : [];
  if (given.length > MAX_WRAPPED_WORDS) findings.unclear ??= `gives ${name} too many words`;
  return given.slice(0, MAX_WRAPPED_WORDS).flatMap((word, index) => {
    // Options are no commands, and neither are settings of the environment.
    const isSetting = word.text.startsWith("-") || /^[A-Za-z_]\w*=/.test(word.text);
    return isSetting ? [] : [[...given.slice(index, index + MAX_WRAPPED_WORDS), ...fed]];
  });
}

/** What it is given to run, and whether it is given more than can be read here. */
function readAsShell(name: string, given: readonly ShellWord[], findings: ScanFindings): void {
  // Which word is the script, options say: all are read, and those that are none do no harm.
  const scripts = name === "eval" ? [given.map(asText).join(" ")] : given.map(asText);
  for (const script of [...scripts, ...attachedScripts(name, given)]) {
    const isText = name === "eval" || SHELLS.has(name) || /[\s;&|<>()`$]/.test(script);
    if (isText) scanShell(script, findings, 1);
  }
  const isHidden = (name === "eval" || FILE_READERS.has(name)) && given.some(({ text }) => !isKnown(text));
  if (isHidden) findings.unclear ??= `has an expansion in what ${name} is to run`;
  if (readsElsewhere(name, given)) {
    findings.unclear ??= `has a ${name} that reads what it is to run from elsewhere`;
    for (const document of findings.documents.splice(0)) scanShell(document, findings, 1);
  }
}

/** Scripts in one word with their option: `su -c'…'`; `env -S` puts the words behind it to its own. */
function attachedScripts(name: string, given: readonly ShellWord[]): readonly string[] {
  return given.flatMap((word, index) => {
    const script = /^(?:-[A-Za-z0]*?[cS]|--(?:session-)?command=|--split-string=)(.*)$/s.exec(asText(word))?.[1];
    if (script === undefined) return [];
    return name === "env"
      ? [
          `${script} ${given
            .slice(index + 1)
            .map(asText)
            .join(" ")}`,
        ]
      : [`${script} `];
  });
}

/** Whether it is a shell, or begins one, that nothing is given to run. */
function readsElsewhere(name: string, given: readonly ShellWord[]): boolean {
  if (FILE_READERS.has(name)) return givenWords(given, SHELL_VALUES).length === 0 || given.some(isStandardInput);
  if (SWITCHERS.has(name)) return !given.some(({ text }) => /^(?:-[A-Za-z]*c|--(?:session-)?command)/.test(text));
  if (ROOT_SHELLS.has(name)) {
    const [command] = givenWords(given, SUDO_VALUES);
    const own = command === undefined ? given : given.slice(0, given.indexOf(command));
    return own.some(({ text }) => /^(?:-[A-Za-z]*[si]|--shell|--login)$/.test(text));
  }
  return name === "ssh" && givenWords(given, SSH_VALUES).length < 2;
}

/** What is left without options and their values. */
function givenWords(given: readonly ShellWord[], takesValue: RegExp): readonly ShellWord[] {
  return given.filter((word, index) => !isOption(word) && !takesValue.test(given[index - 1]?.text ?? ""));
}

function isOption({ text }: ShellWord): boolean {
  return /^[-+/]/.test(text) && !text.slice(1).includes("/");
}

function isStandardInput({ text }: ShellWord): boolean {
  return /^(?:-\w*s|-|\/dev\/.*|\/proc\/.*)$/.test(text);
}

/** Shell text once more, with what is not known as an expansion. */
function asText({ text }: ShellWord): string {
  return text.replaceAll(ANYTHING, "$" + "{_}").replaceAll(ANY_NAME, "*");
}
