import { grouped, type History } from './history.js';
import { found, type Check } from './violation.js';

/** What a stage must have behind it. */
const BEFORE: Readonly<Record<string, string>> = {
  received: 'offered',
  validated: 'received',
  applying: 'validated',
  effective: 'applying',
  failed: 'received',
};
const FINAL: ReadonlySet<string> = new Set(['effective', 'failed', 'fell-back']);

/** The ledger has every stage of every order that a host accepted, up to its end or the next order. */
export const ledgerComplete: Check = (history) => [...withoutPredecessor(history), ...withoutEnd(history)];

function withoutPredecessor(history: History) {
  const orders = grouped(history.all('attempt-row'), ({ generation, host }) => `${host} ${generation}`);
  return [...orders].flatMap(([order, rows]) => {
    const stages = new Set(rows.map(({ stage }) => stage));
    return rows.flatMap((row) => {
      const before = BEFORE[row.stage];
      if (before === undefined || stages.has(before)) return [];
      return [found(`${order} has ${row.stage} without ${before}`, row)];
    });
  });
}

function withoutEnd(history: History) {
  return history.outboxes.flatMap((outbox) => {
    if (!outbox.isLast) return [];
    const accepted = history
      .of('handed', outbox)
      .filter(({ kind, status }) => kind === 'ApplyCollectors' && status === 'accepted');
    const newest = Math.max(0, ...accepted.map(({ generation = 0 }) => generation));
    return accepted.flatMap((line) => {
      const rows = history
        .all('attempt-row')
        .filter(({ generation, host }) => host === line.host && generation === line.generation);
      const isOver = rows.some(({ stage }) => FINAL.has(stage)) || (line.generation ?? 0) < newest;
      const isOffered = rows.some(({ stage }) => stage === 'offered');
      if (isOver && isOffered) return [];
      return [
        found(
          `${line.host}: generation ${line.generation ?? 0} has no ${isOver ? 'offer' : 'end'}`,
          line,
          ...rows,
        ),
      ];
    });
  });
}
