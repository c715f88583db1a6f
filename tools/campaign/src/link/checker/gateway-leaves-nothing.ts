import type { LineOf } from '../history/lines.js';
import { handedAgain, nothingJudged } from './redelivery.js';
import { found, type Check } from './violation.js';

/** P17: a gateway that is asked to leave finishes what it began, and what was answered is not handed over again. */
export const gatewayLeavesNothing: Check = (history) => [
  ...history.all('gateway-left').flatMap((left) => [...badEnd(left), ...halfDone(left)]),
  ...handedAgain(history),
  ...nothingJudged(history),
];

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
