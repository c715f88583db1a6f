import { OFFLINE_AFTER_SECONDS, SUSPECT_AFTER_SECONDS, type Heartbeat } from '#lib/agent-protocol';
import type { HostId, TenantId } from '#lib/events';
import { TestClock } from '#lib/platform-testing';
import { PresenceBook } from './presence-book.js';
import { PresenceService, type PresenceParts } from './presence.service.js';

const from = { tenant: 'acme' as TenantId, host: 'h1' as HostId };
const heartbeat: Heartbeat = {
  ...{ host: 'h1', bootId: 'b1', agentVersion: '0.1.0', at: '2026-01-02T03:04:05.000Z', generation: 0 },
  ...{ agent: { cpuPercent: 0.5, rssBytes: 60e6 }, outbox: { results: 0, metrics: 0 }, collectors: [] },
};

it('records every transition in its order, also those that come while an earlier one is being written', async () => {
  const clock = new TestClock('2026-01-02T03:04:05.000Z');
  const recorded: string[] = [];
  let write = (): void => undefined;
  const written = new Promise<void>((resolve) => (write = resolve));
  const service = new PresenceService({
    book: new PresenceBook(),
    clock,
    commands: {
      handle: async (_decider: unknown, _ref: unknown, { type }: { readonly type: string }) => {
        await written;
        recorded.push(type);
      },
    },
    log: { warn: () => undefined },
    store: {},
  } as unknown as PresenceParts);

  const steps = [service.heard(from, heartbeat)];
  await clock.advance((SUSPECT_AFTER_SECONDS + 1) * 1000);
  steps.push(service.sweep());
  await clock.advance((OFFLINE_AFTER_SECONDS - SUSPECT_AFTER_SECONDS) * 1000);
  steps.push(service.sweep());
  steps.push(service.heard(from, heartbeat));
  write();
  await Promise.all(steps);

  expect(recorded).toEqual([
    'ReportHostOnline',
    'ReportHostSuspect',
    'ReportHostOffline',
    'ReportHostOnline',
  ]);
});
