/** Owns chance that can be had again: the same seed gives the same numbers. */

export interface SeededRandom {
  /** At least `from`, at most `to`, whole. */
  integer(from: number, to: number): number;
  pick<const T>(choices: readonly [T, ...T[]]): T;
  /** A source of its own for one part of a run, so that the others' numbers stay the same when this part changes. */
  fork(name: string): SeededRandom;
}

/** `mulberry32` (Tommy Ettinger, public domain): 32 bits of state are enough to choose moments and places. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    integer,
    pick: ([first, ...others]) => (others.length === 0 ? first : (others[integer(0, others.length) - 1] ?? first)),
    fork: (name) => seededRandom([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed)),
  };
}

/** A seed for a run that was given none. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
