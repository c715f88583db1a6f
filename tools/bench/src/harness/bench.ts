/** What a figure is held against. */
export type Goal =
  /** A share of the ceiling that was measured in the same run. */
  | { readonly kind: 'ratio'; readonly atLeast: number }
  /** In the figure's own unit. */
  | { readonly kind: 'limit'; readonly atMost: number }
  /** Written down, held against nothing. */
  | { readonly kind: 'reported' };

/** One figure that a bench gives. Names begin with the room that is measured. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly goal: Goal;
  /** What was done, and against what, in one sentence. */
  readonly what: string;
}

/** A measured figure; the ceiling is the same work with everything of ours left out. */
export interface Measurement {
  readonly value: number;
  readonly ceiling?: number;
}

/** Starts the parts that it needs, measures, and stops them. @throws when it could not measure */
export interface Bench<Name extends string = string> {
  readonly metrics: Readonly<Record<Name, Omit<Metric, 'name'>>>;
  readonly run: (report: Progress) => Promise<Readonly<Record<Name, Measurement>>>;
}

/** Tells a person what is being waited for. */
export type Progress = (line: string) => void;

/** One line of `--json`. `target` is a ratio where the goal is one, else a limit in the unit of the figure. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ceiling: number | null;
  readonly ratio: number | null;
  readonly target: number | null;
  readonly met: boolean | null;
}

/** Keeps the names of the figures and those of the measurements the same. */
export function bench<const Name extends string>(description: Bench<Name>): Bench {
  return description;
}

/** Holds a measurement against its goal. @throws Error for a ratio without a ceiling */
export function judge({ name, unit, goal }: Omit<Metric, 'what'>, { value, ceiling }: Measurement): Result {
  const ratio = ceiling === undefined ? null : value / ceiling;
  const figure = { name, value, unit, ceiling: ceiling ?? null, ratio };
  switch (goal.kind) {
    case 'reported':
      return { ...figure, target: null, met: null };
    case 'limit':
      return { ...figure, target: goal.atMost, met: value <= goal.atMost };
    case 'ratio':
      if (ratio === null) throw new Error(`${name} has a ratio for a goal, and no ceiling was measured`);
      return { ...figure, target: goal.atLeast, met: ratio >= goal.atLeast };
  }
}
