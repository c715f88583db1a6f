import { reasonOf, type Clock, type Log, type Outbox } from '#lib/agent-core';
import { hostSubjects, type ApplyCollectors, type Attempt, type UplinkMessage } from '#lib/agent-protocol';

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

/** One stage of an order's way on this host. */
export function attempt(
  order: ApplyCollectors,
  stage: Attempt['stage'],
  facts: Pick<Attempt, 'at' | 'collectors'> & { readonly reason?: string | undefined },
): Attempt {
  const { at, collectors, reason } = facts;
  return {
    ...{ kind: 'attempt', at, generation: order.generation, taskId: order.taskId, stage },
    ...(reason !== undefined && { reason: reason.slice(0, 1000) }),
    collectors,
  };
}
