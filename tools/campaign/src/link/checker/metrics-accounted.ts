import type { LineOf } from '../history/lines.js';
import type { History, OutboxHistory } from './history.js';
import { found, type Check } from './violation.js';

/** P12: every window is at the hub or within a gap that was told, and no gap is claimed for what is there. */
export const metricsAccounted: Check = (history) =>
  history.outboxes.flatMap((outbox) => [
    ...unaccounted(history, outbox),
    ...claimedInVain(history, outbox),
    ...strangeGaps(history, outbox),
    ...untoldGaps(history, outbox),
  ]);

function gapsOf(history: History, { epoch, host }: OutboxHistory): readonly LineOf<'gap-row'>[] {
  return history.all('gap-row').filter((row) => row.host === host && row.epoch === epoch);
}

type Range = { readonly fromN?: number | undefined; readonly toN?: number | undefined };

const covers = ({ fromN, toN }: Range, n: number): boolean =>
  fromN !== undefined && toN !== undefined && fromN <= n && n <= toN;

function unaccounted(history: History, outbox: OutboxHistory) {
  const stored = new Set(history.stored(outbox, 'metrics').map(({ n }) => n));
  const due = history[outbox.isLast ? 'lastAppended' : 'lastCursor'](outbox, 'metrics');
  const told = outbox.isLast ? gapsOf(history, outbox) : writtenGaps(history, outbox);
  return Array.from({ length: due }, (_, i) => i + 1)
    .filter((n) => !stored.has(n) && !told.some((gap) => covers(gap, n)))
    .map((n) => {
      const lines = history.of('appending', outbox).filter((line) => line.lane === 'metrics' && line.n === n);
      return found(
        `${outbox.host} ${outbox.epoch}: window ${n} is neither at the hub nor in a gap`,
        ...lines,
      );
    });
}

function claimedInVain(history: History, outbox: OutboxHistory) {
  const stored = history.stored(outbox, 'metrics');
  return gapsOf(history, outbox).flatMap((gap) => {
    const there = stored.filter(({ n }) => covers(gap, n));
    if (there.length === 0) return [];
    return [
      found(`${outbox.host}: a gap is claimed for ${there.length} windows that are there`, gap, ...there),
    ];
  });
}

/** The table of gaps also takes holes that the gateway found in the results: there must be none. */
function strangeGaps(history: History, outbox: OutboxHistory) {
  const written = writtenGaps(history, outbox);
  return gapsOf(history, outbox)
    .filter(({ fromN, toN }) => !written.some((line) => line.fromN === fromN && line.toN === toN))
    .map((gap) => found(`${outbox.host}: a gap that the host never told`, gap));
}

function untoldGaps(history: History, outbox: OutboxHistory) {
  const rows = gapsOf(history, outbox);
  return history
    .told(outbox)
    .filter(({ kind }) => kind === 'outbox-gap')
    .filter((line) => !rows.some((row) => row.fromN === line.fromN && covers(row, line.toN ?? -1)))
    .map((line) => found(`${outbox.host}: a gap that the host told is not in the table`, line));
}

function writtenGaps(history: History, outbox: OutboxHistory): readonly LineOf<'appending'>[] {
  return history.of('appending', outbox).filter(({ kind }) => kind === 'outbox-gap');
}
