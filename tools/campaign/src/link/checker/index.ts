import type { HistoryLine } from '../history/lines.js';
import { acknowledgedIsStored } from './acknowledged-is-stored.js';
import { epochsApart } from './epochs-apart.js';
import { finalGeneration, generationsGrow } from './final-generation.js';
import { gatewayLeavesNothing } from './gateway-leaves-nothing.js';
import { History } from './history.js';
import { ledgerComplete } from './ledger-complete.js';
import { metricsAccounted } from './metrics-accounted.js';
import { nobodyCrashed } from './nobody-crashed.js';
import { nothingCrossed } from './nothing-crossed.js';
import { longCutsNoticed, onlineInTheEnd, onlyTransitions } from './presence-right.js';
import { resultsComplete } from './results-complete.js';
import { resultsIngestedOnce } from './results-ingested-once.js';
import { effectsAtMostOnce, oneResultEach, takenBackNeverBegins, tasksDone } from './tasks-once.js';
import { found, type Check, type Violation } from './violation.js';

export { History } from './history.js';
export { judgedDepartures } from './redelivery.js';
export type { Violation } from './violation.js';

/** The house comes to rest once everything is healed. */
const comesToRest: Check = (history) => history.all('unrest').map((line) => found(line.what, line));

/** All that must hold of a history, whatever was done to the house. */
export const properties = {
  'effects at most once (P11)': effectsAtMostOnce,
  'tasks done (P11)': tasksDone,
  'taken back never begins (P11)': takenBackNeverBegins,
  'one result each (P11)': oneResultEach,
  'results complete (P12)': resultsComplete,
  'results taken once (P12)': resultsIngestedOnce,
  'metrics there or in a gap (P12)': metricsAccounted,
  'epochs apart (P12)': epochsApart,
  'nothing crossed (P13)': nothingCrossed,
  'acknowledged is stored (P16)': acknowledgedIsStored,
  'a leaving gateway abandons nothing (P17)': gatewayLeavesNothing,
  'final generation effective': finalGeneration,
  'generations only grow': generationsGrow,
  'ledger complete': ledgerComplete,
  'online in the end': onlineInTheEnd,
  'only transitions are presence events': onlyTransitions,
  'a long cut is noticed': longCutsNoticed,
  'nobody crashed unasked': nobodyCrashed,
  'comes to rest': comesToRest,
} as const satisfies Readonly<Record<string, Check>>;
export type PropertyName = keyof typeof properties;

/** Holds a history against every property. */
export function check(lines: readonly HistoryLine[]): readonly Violation[] {
  const history = new History(lines);
  return Object.entries(properties).flatMap(([property, holds]) =>
    holds(history).map((finding) => ({ property, ...finding })),
  );
}
