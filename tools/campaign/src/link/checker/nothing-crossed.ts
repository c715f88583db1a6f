import type { History } from './history.js';
import { found, type Check } from './violation.js';

/** P13: no message, task, effect or row of one host stands under another. */
export const nothingCrossed: Check = (history) => [
  ...strangeMessages(history),
  ...strangeTasks(history),
  ...strangeRows(history),
];

function strangeMessages(history: History) {
  const outboxes = new Set(history.outboxes.map(({ epoch, host }) => `${host} ${epoch}`));
  return [...history.all('stored'), ...history.all('cursor-row'), ...history.all('gap-row')]
    .filter(({ epoch, host }) => !outboxes.has(`${host} ${epoch}`))
    .map((line) => found(`${line.host} never had an outbox ${line.epoch}`, line));
}

function strangeTasks(history: History) {
  const asked = new Map(history.all('asked').map((line) => [line.taskId, line]));
  const handed = history.all('handed').filter(({ kind }) => kind !== 'ApplyCollectors');
  const seen = [...handed, ...history.all('effect'), ...history.all('task-row')];
  return seen.flatMap((line) => {
    const taskId = 'cancels' in line && line.cancels !== undefined ? line.cancels : line.taskId;
    const request = asked.get(taskId);
    if (request?.host === line.host) return [];
    return [
      found(`${taskId} is at ${line.host}, and was asked of ${request?.host ?? 'nobody'}`, line, request),
    ];
  });
}

/** What the ledger says of a host it was told by that host. */
function strangeRows(history: History) {
  const name = (line: { host: string; generation?: number | undefined; stage?: string | undefined }) =>
    `${line.host} ${line.generation ?? 0} ${line.stage ?? ''}`;
  const told = new Set(
    history
      .all('appending')
      .filter(({ kind }) => kind === 'attempt')
      .map(name),
  );
  return [
    ...history.all('attempt-row').filter(({ stage }) => stage !== 'offered'),
    ...history.all('host-event'),
  ]
    .filter((line) => !told.has(name(line)))
    .map((line) => found(`${line.host} never told of ${line.stage} of generation ${line.generation}`, line));
}
