import type { StoredCommit } from '#lib/events';
import type { ReadCommit } from './reading.js';
import type { Lease, ParkedCommit } from './types.js';

/** What is to be done with a batch of messages, in order of position. */
export interface Plan {
  readonly apply: readonly StoredCommit[];
  readonly parked: readonly ParkedCommit[];
}

/**
 * Sorts a batch into commits to apply and commits to park. An aggregate that is parked stays parked: none of its later
 * commits overtakes the one that broke it. Pure.
 */
export function planBatch(messages: readonly ReadCommit[], alreadyParked: Lease['parked']): Plan {
  const reasons = new Map(alreadyParked);
  const apply: StoredCommit[] = [];
  const parked: ParkedCommit[] = [];
  for (const { subject, position, reading } of messages) {
    if (reading === 'foreign') continue;
    const outcome = reasons.get(subject) ?? reading;
    if ('events' in outcome) {
      apply.push(outcome);
      continue;
    }
    const { code, detail } = outcome;
    reasons.set(subject, { code, detail });
    parked.push({ subject, position, code, detail });
  }
  return { apply, parked };
}
