import type { LineOf } from '../history/lines.js';
import type { History } from './history.js';
import { found, type Check } from './violation.js';

/** What is under way when a gateway is asked to leave: an offer may wait so long for its reply. */
const IN_FLIGHT_MS = 7_000;
/** So long before nothing may have held messages up. */
const CALM_MS = 20_000;

/** P17: a gateway that is asked to leave finishes what it began, and what was answered is not handed over again. */
export const gatewayLeavesNothing: Check = (history) =>
  history
    .all('gateway-left')
    .flatMap((left) => [...badEnd(left), ...halfDone(left), ...handedAgain(history, left)]);

function badEnd(left: LineOf<'gateway-left'>) {
  const { code, ms, signal } = left;
  if (code === 0 && signal === null) return [];
  return [found(`a gateway did not leave in order: ${signal ?? `code ${code ?? '-'}`} after ${ms} ms`, left)];
}

/** The command comes before the row: an event without its row was abandoned between the two. */
function halfDone(left: LineOf<'gateway-left'>) {
  return left.events
    .filter(
      (event) =>
        !left.rows.some(
          ({ generation, host, stage }) =>
            host === event.host && generation === event.generation && stage === event.stage,
        ),
    )
    .map(({ generation, host, stage }) =>
      found(`${host} ${stage} of generation ${generation} is an event and no row when a gateway left`, left),
    );
}

function handedAgain(history: History, left: LineOf<'gateway-left'>) {
  const time = Date.parse(left.at);
  const began = time - left.ms;
  const isHeldUp = history
    .all('fault')
    .some(
      ({ at, kind }) =>
        kind !== 'gateway-left' && began - Date.parse(at) < CALM_MS && Date.parse(at) < time + CALM_MS,
    );
  if (isHeldUp) return [];
  const answered = new Set(
    history
      .all('stage-row')
      .filter(({ at, stage }) => stage === 'accepted' && Date.parse(at) < began - IN_FLIGHT_MS)
      .map(({ taskId }) => taskId),
  );
  return history
    .all('handed')
    .filter(({ at, taskId }) => answered.has(taskId) && Date.parse(at) > time)
    .map((line) =>
      found(`${line.taskId} was answered, and handed over again after a gateway left`, left, line),
    );
}
