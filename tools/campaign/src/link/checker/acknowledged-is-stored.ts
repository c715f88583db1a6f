import type { Lane, LineOf } from '../history/lines.js';
import type { History, OutboxHistory } from './history.js';
import { found, type Check } from './violation.js';

/** P16: a cursor never passes a message before the hub holds it, or the host has told that it is given up. */
export const acknowledgedIsStored: Check = (history) =>
  history.outboxes.flatMap((outbox) => [
    ...passedTooEarly(history, outbox, 'results'),
    ...passedTooEarly(history, outbox, 'metrics'),
  ]);

function passedTooEarly(history: History, outbox: OutboxHistory, lane: Lane) {
  const storedAt = new Map<number, number>();
  for (const { at, n } of history.stored(outbox, lane))
    storedAt.set(n, Math.min(storedAt.get(n) ?? Infinity, Date.parse(at)));
  const gaps = history.of('appending', outbox).filter(({ kind }) => kind === 'outbox-gap');
  let passed = 0;
  return history.of('cursor', outbox).flatMap((cursor) => {
    if (cursor.lane !== lane) return [];
    const numbers = Array.from({ length: Math.max(0, cursor.n - passed) }, (_, i) => passed + 1 + i);
    passed = Math.max(passed, cursor.n);
    return numbers
      .filter((n) => (storedAt.get(n) ?? Infinity) > Date.parse(cursor.at))
      .filter((n) => lane === 'results' || !gaps.some((gap) => isGivenUp(gap, n, cursor)))
      .map((n) => found(`${outbox.host}: the cursor of ${lane} passed ${n} before the hub had it`, cursor));
  });
}

function isGivenUp(
  { at, fromN = 0, toN = 0 }: LineOf<'appending'>,
  n: number,
  cursor: LineOf<'cursor'>,
): boolean {
  return fromN <= n && n <= toN && at <= cursor.at;
}
