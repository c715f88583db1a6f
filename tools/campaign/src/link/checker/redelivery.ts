import type { LineOf } from '../history/lines.js';
import type { History } from './history.js';
import { found } from './violation.js';

/** What is under way when a gateway is asked to leave: an offer may wait so long for its reply. */
const IN_FLIGHT_MS = 7_000;
/** So long before, and after, nothing may have held messages up. */
const CALM_MS = 20_000;

/** A departure of a gateway of which something can be said, with the tasks that must not be handed over again. */
export interface Judged {
  readonly left: LineOf<'gateway-left'>;
  readonly taskIds: ReadonlySet<string>;
}

/** Departures without a fault near them: any other may have held back a message that then comes late. */
export function judgedDepartures(history: History): readonly Judged[] {
  return history.all('gateway-left').flatMap((left) => {
    const taskIds = isInCalm(history, left) ? taken(history, left) : answeredLongAgo(history, left);
    return taskIds.size === 0 ? [] : [{ left, taskIds }];
  });
}

/** What was answered, and was handed over again after the gateway had left. */
export function handedAgain(history: History) {
  return judgedDepartures(history).flatMap(({ left, taskIds }) =>
    history
      .all('handed')
      .filter(({ at, taskId }) => taskIds.has(taskId) && at > left.at)
      .map((line) =>
        found(`${line.taskId} was answered, and handed over again after a gateway left`, left, line),
      ),
  );
}

/** A history in which no task could be judged says nothing of this property, and must not pass for one that does. */
export function nothingJudged(history: History) {
  if (judgedDepartures(history).length > 0) return [];
  const what = 'no task shows whether a leaving gateway makes its successor hand over again';
  return [found(what, ...history.all('seed'), ...history.all('gateway-left'))];
}

/** Since the house was at rest, with every answer given, no fault has come. */
function isInCalm(history: History, left: LineOf<'gateway-left'>): boolean {
  const calm = history.all('calm').findLast(({ at }) => at < left.at);
  return calm !== undefined && !history.disturbances().some(({ at }) => at > calm.at);
}

/** Whatever a host had on its disk when the gateway was gone: with nothing in the way, its answer was heard. */
function taken(history: History, left: LineOf<'gateway-left'>): ReadonlySet<string> {
  const tasks = history.all('handed').filter(({ at, kind }) => kind !== 'ApplyCollectors' && at <= left.at);
  return new Set(tasks.map(({ taskId }) => taskId));
}

function answeredLongAgo(history: History, left: LineOf<'gateway-left'>): ReadonlySet<string> {
  const time = Date.parse(left.at);
  const began = time - left.ms;
  const isHeldUp = history
    .disturbances()
    .some(
      ({ at, kind }) =>
        kind !== 'gateway-left' && began - Date.parse(at) < CALM_MS && Date.parse(at) < time + CALM_MS,
    );
  const answered = history
    .all('stage-row')
    .filter(({ at, stage }) => stage === 'accepted' && Date.parse(at) < began - IN_FLIGHT_MS);
  return new Set(isHeldUp ? [] : answered.map(({ taskId }) => taskId));
}
