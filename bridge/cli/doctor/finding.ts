/** Owns the form of what an examination finds. */
export interface Finding {
  readonly isGood: boolean;
  readonly text: string;
  /** What to do about it. */
  readonly mend?: string;
}
