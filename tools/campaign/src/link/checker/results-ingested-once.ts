import { grouped, type History, type OutboxHistory } from './history.js';
import { found, type Check } from './violation.js';

/** P12: what is at the hub was taken into the tables, each once: no hole, no row too many, none too few. */
export const resultsIngestedOnce: Check = (history) =>
  history.outboxes.flatMap((outbox) => [...notTaken(history, outbox), ...wrongAttempts(history, outbox)]);

function notTaken(history: History, outbox: OutboxHistory) {
  const last = Math.max(0, ...history.stored(outbox, 'results').map(({ n }) => n));
  const row = history
    .all('cursor-row')
    .find(({ epoch, host, lane }) => host === outbox.host && epoch === outbox.epoch && lane === 'results');
  if ((row?.n ?? 0) === last) return [];
  return [found(`${outbox.host} ${outbox.epoch}: taken up to ${row?.n ?? 0} of ${last}`, row)];
}

/** A report is one row, however often it came; the same stage told again under another number may be another row. */
function wrongAttempts(history: History, outbox: OutboxHistory) {
  if (!outbox.isLast) return [];
  const told = history.told(outbox).filter(({ kind }) => kind === 'attempt');
  const others = history
    .all('appending')
    .filter(({ epoch, host }) => host === outbox.host && epoch !== outbox.epoch);
  const name = (line: {
    generation?: number | undefined;
    taskId?: string | undefined;
    stage?: string | undefined;
  }) => `${line.generation ?? 0} ${line.taskId ?? ''} ${line.stage ?? ''}`;
  const rows = grouped(
    history.all('attempt-row').filter(({ host }) => host === outbox.host),
    name,
  );
  return [...grouped(told, name)].flatMap(([stage, lines]) => {
    const count = rows.get(stage)?.length ?? 0;
    const most = new Set(lines.map(({ n }) => n)).size + others.filter((line) => name(line) === stage).length;
    if (count >= 1 && count <= most) return [];
    return [
      found(
        `${outbox.host}: ${count} rows of ${stage}, told ${most} times`,
        ...lines,
        ...(rows.get(stage) ?? []),
      ),
    ];
  });
}
