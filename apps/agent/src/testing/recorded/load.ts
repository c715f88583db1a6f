import { existsSync } from 'node:fs';
import type { Clock, Outbox } from '#lib/agent-core';
import { hostSubjects } from '#lib/agent-protocol';
import type { Tell } from '../../reconcile/attempts.js';
import type { RecordedSettings } from './settings.js';

export type LoadOptions = {
  readonly outbox: Outbox;
  readonly tell: Tell;
  readonly settings: RecordedSettings;
  readonly clock: Clock;
};

const WINDOW_BYTES = 200;

/** Fills both lanes at a steady pace, whether the link is there or not, until it is told to be quiet. */
export async function runLoad(options: LoadOptions, signal: AbortSignal): Promise<void> {
  const { clock, outbox, settings, tell } = options;
  const { host, metricsEveryMs, resultsEveryMs, tenant } = settings;
  const subject = hostSubjects(tenant, host).metrics;
  let count = 0;
  const window = async (): Promise<unknown> => {
    const text = `${host} ${clock.iso()} ${(count += 1)} `;
    const body = new TextEncoder().encode(text.padEnd(WINDOW_BYTES, '.'));
    return outbox.append('metrics', { subject, headers: {}, body });
  };
  // Of a task that nobody knows: it is numbered, stored and taken like any other, and changes no task.
  const note = (): Promise<unknown> =>
    tell({ kind: 'task-progress', at: clock.iso(), taskId: `load-${host}`, note: `${(count += 1)}` });
  const every = async (ms: number, step: () => Promise<unknown>): Promise<void> => {
    while (!signal.aborted) {
      if (!existsSync(settings.quietFile)) await step();
      await clock.sleep(ms, signal).catch(() => undefined);
    }
  };
  await Promise.all([every(metricsEveryMs, window), every(resultsEveryMs, note)]);
}
