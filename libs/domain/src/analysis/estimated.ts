import type { Figure } from '#lib/events';
import { figure, type Span } from '../figures.js';
import { percent } from './words.js';

const LEVEL = 0.95;
/** Two-sided quantile of the normal distribution: sketches are estimated from a thousand registers or more. */
const QUANTILE = 1.959964;

/** A count with the standard error of its sketch in the same unit; without an error it is exact. Never below zero. */
export function estimated(
  counted: {
    readonly value: number;
    readonly unit: string;
    readonly window: Span;
    readonly formulaVersion: string;
  },
  error: number,
): Figure {
  if (error === 0) return figure(counted);
  const { value } = counted;
  const note = `counted by sketch, standard error ${percent(error / value)}; the interval is that error alone`;
  const low = Math.max(0, value - QUANTILE * error);
  const interval = { kind: 'confidence', level: LEVEL, low, high: value + QUANTILE * error } as const;
  return figure({ ...counted, interval, note });
}
