import { grouped, type History, type OutboxHistory } from './history.js';
import { found, type Check } from './violation.js';

/** P12: every number of the results lane that a host wrote is at the hub, with what it wrote, and none is missing. */
export const resultsComplete: Check = (history) =>
  history.outboxes.flatMap((outbox) => [...missing(history, outbox), ...foreign(history, outbox)]);

function missing(history: History, outbox: OutboxHistory) {
  const stored = new Set(history.stored(outbox, 'results').map(({ n }) => n));
  // Of a wiped disk only what was acknowledged must be there; what was sent besides must leave no hole.
  const due = outbox.isLast
    ? history.lastAppended(outbox, 'results')
    : Math.max(history.lastCursor(outbox, 'results'), ...stored);
  return Array.from({ length: due }, (_, i) => i + 1)
    .filter((n) => !stored.has(n))
    .map((n) => {
      const written = history.of('appending', outbox).filter((line) => line.lane === 'results');
      return found(
        `${outbox.host} ${outbox.epoch}: result ${n} is not at the hub`,
        ...written.filter((line) => line.n === n),
      );
    });
}

function foreign(history: History, outbox: OutboxHistory) {
  return (['results', 'metrics'] as const).flatMap((lane) => {
    const lines = history.of('appending', outbox).filter((line) => line.lane === lane);
    const written = grouped(lines, ({ n }) => String(n));
    const copies = grouped(history.stored(outbox, lane), ({ n }) => String(n));
    return [...copies].flatMap(([n, same]) => {
      const hashes = new Set(written.get(n)?.map(({ hash }) => hash));
      const strange = same.filter(({ hash }) => !hashes.has(hash) || hash !== same[0]?.hash);
      return strange.map((line) =>
        found(
          `${outbox.host}: ${lane} ${n} at the hub is not what the host wrote`,
          line,
          ...(written.get(n) ?? []),
        ),
      );
    });
  });
}
