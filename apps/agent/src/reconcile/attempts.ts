import { reasonOf, type Clock, type Log, type Outbox } from '#lib/agent-core';
import { hostSubjects, type ApplyCollectors, type Attempt, type UplinkMessage } from '#lib/agent-protocol';
import type { Fleet } from './fleet.js';

/** Tells the control plane; resolves when the message is on disk. */
export type Tell = (message: UplinkMessage) => Promise<void>;

const RETRY_MS = 5_000;

/** Writes results to the outbox. A stage may not get lost, so a full disk holds up the order, not the metering. */
export function teller(
  outbox: Outbox,
  host: { readonly tenant: string; readonly host: string },
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Tell {
  const { uplink } = hostSubjects(host.tenant, host.host);
  return async (message) => {
    const body = new TextEncoder().encode(JSON.stringify(message));
    for (;;) {
      try {
        await outbox.append('results', { subject: uplink(message.kind), headers: {}, body });
        return;
      } catch (error) {
        log.warn({ kind: message.kind, reason: reasonOf(error) }, 'result waits for the disk');
        await clock.sleep(RETRY_MS);
      }
    }
  };
}

/** Why an order failed or was left. */
export type Alarm = {
  readonly reason: string;
  /** ISO 8601; where the agent noticed something by itself. */
  readonly detectedAt?: string;
};

/** Tells of a stage of an order, with what runs by then. */
export type Report = (order: ApplyCollectors, stage: Attempt['stage'], alarm?: Alarm) => Promise<void>;

export type ReporterOptions = {
  readonly fleet: Pick<Fleet, 'running'>;
  readonly tell: Tell;
  readonly clock: Clock;
  readonly log: Log;
};

/** Makes the reports of a host; after a fallback they name the collectors of the order that they are given. */
export function reporter({ clock, fleet, log, tell }: ReporterOptions): Report {
  return async (order, stage, alarm) => {
    const runs = stage === 'fell-back' ? order.collectors : fleet.running().map(({ spec }) => spec);
    const collectors = runs
      .map(({ variant, configHash }) => ({ variant, configHash }))
      .sort((a, b) => (a.variant < b.variant ? -1 : 1));
    log.info({ generation: order.generation, stage, ...alarm }, 'order');
    await tell(attempt(order, stage, { at: clock.iso(), ...alarm, collectors }));
  };
}

/** One stage of an order's way on this host. */
function attempt(
  order: ApplyCollectors,
  stage: Attempt['stage'],
  facts: Pick<Attempt, 'at' | 'collectors'> & Partial<Alarm>,
): Attempt {
  const { at, collectors, detectedAt, reason } = facts;
  return {
    ...{ kind: 'attempt', at, generation: order.generation, taskId: order.taskId, stage },
    ...(reason !== undefined && { reason: reason.slice(0, 1000) }),
    ...(detectedAt !== undefined && { detectedAt }),
    collectors,
  };
}
