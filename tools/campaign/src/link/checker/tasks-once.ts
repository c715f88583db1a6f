import type { LineOf } from '../history/lines.js';
import { grouped, type History } from './history.js';
import { found, type Check } from './violation.js';

/** Tasks with less time than this may expire. */
const FAR_MS = 600_000;

/** P11: an effect takes place at most once; of a task that may be repeated, at most once in each life of the agent. */
export const effectsAtMostOnce: Check = (history) =>
  history.all('asked').flatMap((task) => {
    const begun = effectsOf(history, task, 'begun');
    const lives = [...grouped(begun, ({ boot }) => (task.kind === 'CollectLogs' ? boot : 'all')).values()];
    return lives
      .filter((effects) => effects.length > 1)
      .map((effects) => found(`${task.taskId} had its effect ${effects.length} times`, task, ...effects));
  });

/** P11: what nobody took back, what had time and what was not lost with a disk is done, exactly once. */
export const tasksDone: Check = (history) =>
  history.all('asked').flatMap((task) => {
    if (isExcused(history, task)) return [];
    const row = history.all('task-row').find(({ taskId }) => taskId === task.taskId);
    const ended = effectsOf(history, task, 'ended');
    if (row?.phase === 'done' && ended.length >= 1) return [];
    if (row?.phase === 'failed' && isCutShort(history, task)) return [];
    return [
      found(
        `${task.taskId} is ${row?.phase ?? 'unknown'}, with ${ended.length} effects`,
        task,
        row,
        ...ended,
      ),
    ];
  });

/** P11: a task that was taken back before it came never begins. */
export const takenBackNeverBegins: Check = (history) =>
  history.all('asked').flatMap((task) => {
    const first = history
      .all('handed')
      .find(
        ({ cancels, status, taskId }) =>
          status === 'accepted' && (taskId === task.taskId || cancels === task.taskId),
      );
    const stages = history.all('stage-row').filter(({ taskId }) => taskId === task.taskId);
    const neverSent =
      stages.some(({ stage }) => stage === 'cancelled') && !stages.some(({ stage }) => stage === 'offered');
    const cancelledFirst = first?.cancels === task.taskId && !history.isWipedAfter(task.host, first.at);
    const begun = effectsOf(history, task, 'begun');
    if (begun.length === 0 || !(neverSent || cancelledFirst)) return [];
    return [found(`${task.taskId} began although it was taken back before it came`, task, first, ...begun)];
  });

/** P11: a host accepts a task once, and tells one outcome of it; told again only after a restart. */
export const oneResultEach: Check = (history) =>
  history.outboxes.flatMap((outbox) => {
    const told = history.told(outbox).filter(({ kind }) => kind === 'task-result');
    const results = grouped(told, ({ taskId = '' }) => taskId);
    const accepted = history.of('handed', outbox).filter(isAcceptedTask);
    const twice = [...grouped(accepted, ({ taskId }) => taskId).values()]
      .filter((lines) => lines.length > 1)
      .map((lines) => found(`${lines[0]?.taskId ?? ''} was accepted twice`, ...lines));
    const silent = accepted
      .filter(({ taskId }) => outbox.isLast && !results.has(taskId))
      .map((line) => found(`${line.taskId} was accepted, and has no result`, line));
    const contradictions = [...results.values()]
      .filter((lines) => isContradiction(lines) || isRepeatedInOneLife(lines))
      .map((lines) =>
        found(`${lines[0]?.taskId ?? ''} has ${lines.length} results that do not go together`, ...lines),
      );
    return [...twice, ...silent, ...contradictions];
  });

function isAcceptedTask({ kind, status }: LineOf<'handed'>): boolean {
  return status === 'accepted' && (kind === 'CollectLogs' || kind === 'RestartCollector');
}

function isContradiction(lines: readonly LineOf<'appending'>[]): boolean {
  return new Set(lines.map(({ outcome }) => outcome)).size > 1;
}

function isRepeatedInOneLife(lines: readonly LineOf<'appending'>[]): boolean {
  return new Set(lines.map(({ boot }) => boot)).size < new Set(lines.map(({ n }) => n)).size;
}

function effectsOf(
  history: History,
  { taskId }: LineOf<'asked'>,
  edge: LineOf<'effect'>['edge'],
): readonly LineOf<'effect'>[] {
  return history.all('effect').filter((line) => line.taskId === taskId && line.edge === edge);
}

function isExcused(history: History, { at, deadline, host, taskId }: LineOf<'asked'>): boolean {
  return (
    history.all('taken-back').some((line) => line.taskId === taskId) ||
    Date.parse(deadline) - Date.parse(at) < FAR_MS ||
    history.isWipedAfter(host, at)
  );
}

/** The agent ended after it had begun: what cannot be repeated is then reported as failed. */
function isCutShort(history: History, { host, kind, taskId }: LineOf<'asked'>): boolean {
  const accepted = history.all('handed').find((line) => line.taskId === taskId && line.status === 'accepted');
  const boots = history.all('boot').filter((line) => line.host === host);
  return kind === 'RestartCollector' && boots.some(({ at }) => accepted !== undefined && at > accepted.at);
}
