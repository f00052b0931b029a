/** Makes settings files of any form that JSON with comments has: the same one for the same seed. */

const EVENTS = ["PreToolUse", "Stop", "SessionStart", "Other"];
const USER_HOOK = { type: "command", command: "guard.sh" };

export function randomSettings(seed: number): string {
  const random = createRandom(seed);
  const pick = <T>(choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0];
  const eol = pick(["\n", "\n", "\r\n"]);
  const step = pick(["  ", "    ", "\t", ""]);
  const hasRoom = pick([true, false]);
  const hasTrailingCommas = pick([true, false, false]);
  const hasComments = pick([true, false]);
  const isOneLine = pick([true, false, false]);

  const write = (value: unknown, depth: number): string => {
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
    const items = Array.isArray(value)
      ? value.map((each) => write(each, depth + 1))
      : Object.entries(value).map(
          ([key, each]) => `${JSON.stringify(key)}:${hasRoom ? " " : ""}${write(each, depth + 1)}`,
        );
    const isInline = isOneLine || pick([true, false, false, false]);
    const outer = eol + step.repeat(depth);
    if (items.length === 0)
      return open + (isInline ? pick(["", " ", hasComments ? " /* none */ " : ""]) : outer) + close;
    const inner = isInline ? (hasRoom ? " " : "") : outer + step;
    const remark = () =>
      hasComments && !isInline && pick([true, false]) ? pick([" // why", " /* a, b */", " /* a */ // {"]) : "";
    const lines = items.map((item, index) => {
      const comma = index < items.length - 1 || hasTrailingCommas ? "," : "";
      return pick([`${item}${comma}${remark()}`, `${item}${comma}`]);
    });
    const end = isInline ? (hasRoom ? " " : "") : outer;
    const note = hasComments && !isInline && pick([true, false, false]) ? `${inner}// the end` : "";
    return `${open}${inner}${lines.join(isInline ? (hasRoom ? " " : "") : inner)}${note}${end}${close}`;
  };

  const group = () => ({
    ...(pick([true, false]) ? { matcher: "Bash" } : {}),
    hooks: pick([[], [USER_HOOK], [USER_HOOK, USER_HOOK]]),
  });
  const groups = () => pick([[], [group()], [group(), group()]]);
  const hooks = Object.fromEntries(EVENTS.filter(() => pick([true, false])).map((event) => [event, groups()]));
  const entries: [string, unknown][] = [
    ["model", "opus"],
    ["permissions", { allow: pick([[], ["Bash(ls:*)", "Read"]]), deny: [] }],
    ["hooks", hooks],
    ["env", {}],
  ];
  const chosen = Object.fromEntries(entries.filter(() => pick([true, true, false])).toSorted(() => random() - 0.5));
  return pick(["", "", "\ufeff"]) + write(chosen, 0) + pick(["", eol, eol + eol]);
}

/** Mulberry32: small, and good enough to choose by. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
