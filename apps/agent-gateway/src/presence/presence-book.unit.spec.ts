import * as fc from 'fast-check';
import { OFFLINE_AFTER_SECONDS, type Heartbeat } from '#lib/agent-protocol';
import type { HostId, TenantId } from '#lib/events';
import { PresenceBook, type Sighting, type Transition } from './presence-book.js';

const tenant = 'acme' as TenantId;
const limit = OFFLINE_AFTER_SECONDS * 1000;

const heartbeat: Heartbeat = {
  host: 'h1',
  bootId: 'b1',
  agentVersion: '0.1.0',
  at: '2026-01-02T03:04:05.000Z',
  generation: 0,
  agent: { cpuPercent: 0.5, rssBytes: 60e6 },
  outbox: { results: 0, metrics: 0 },
  collectors: [],
};
const seen = (host: string, heardAt: number): Sighting => ({
  tenant,
  host: host as HostId,
  heardAt,
  heartbeat,
});

describe('presence', () => {
  it('calls a host online at its first heartbeat and says nothing at the next', () => {
    const book = new PresenceBook();
    expect(book.heard(seen('h1', 0))).toMatchObject({ kind: 'online', bootId: 'b1' });
    expect(book.heard(seen('h1', 10_000))).toBeUndefined();
    expect(book.onlineCount()).toBe(1);
  });

  it('calls a silent host offline once, after the limit and not before', () => {
    const book = new PresenceBook();
    book.heard(seen('h1', 0));
    expect(book.silent(limit)).toEqual([]);
    expect(book.silent(limit + 1)).toMatchObject([{ kind: 'offline', lastHeartbeatAt: 0 }]);
    expect(book.silent(limit + 2)).toEqual([]);
  });

  it('gives hosts that were online before a restart one full limit to be heard', () => {
    const book = new PresenceBook();
    book.assumeOnline([{ tenant, host: 'h1' as HostId }], 100);
    expect(book.heard(seen('h1', 200))).toBeUndefined();
    expect(book.silent(200 + limit)).toEqual([]);
  });

  it('finds a transition again that could not be recorded', () => {
    const book = new PresenceBook();
    const online = book.heard(seen('h1', 0))!;
    book.revert(online);
    expect(book.heard(seen('h1', 1))).toMatchObject({ kind: 'online' });
  });

  it('alternates online and offline for each host, whatever happens when', () => {
    const step = fc.record({ host: fc.constantFrom('h1', 'h2', 'h3'), wait: fc.nat(2 * limit) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = new PresenceBook();
        const history = new Map<string, string[]>();
        const note = (transition: Transition | undefined): void => {
          if (transition === undefined) return;
          const name = transition.host.host;
          history.set(name, [...(history.get(name) ?? []), transition.kind]);
        };
        let now = 0;
        for (const { host, wait } of steps) {
          now += wait;
          book.silent(now).forEach(note);
          note(book.heard(seen(host, now)));
        }
        for (const kinds of history.values())
          kinds.forEach((kind, i) => expect(kind).toBe(i % 2 === 0 ? 'online' : 'offline'));
      }),
    );
  });
});
