import * as fc from 'fast-check';
import { OFFLINE_AFTER_SECONDS, SUSPECT_AFTER_SECONDS, type Heartbeat } from '#lib/agent-protocol';
import type { HostId, TenantId } from '#lib/events';
import { PresenceBook, type Sighting, type Transition } from './presence-book.js';

const tenant = 'acme' as TenantId;
const limit = OFFLINE_AFTER_SECONDS * 1000;
const doubt = SUSPECT_AFTER_SECONDS * 1000;

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
const seen = (host: string, heardAt: number, bootId = 'b1'): Sighting => ({
  tenant,
  host: host as HostId,
  heardAt,
  heartbeat: { ...heartbeat, bootId },
});
const online = { phase: 'online', session: { bootId: 'b1', agentVersion: '0.1.0' } } as const;

/** What a host was held for before. */
const predecessors: Readonly<Record<string, readonly string[]>> = {
  online: ['nothing', 'suspect', 'offline'],
  suspect: ['online'],
  offline: ['online', 'suspect'],
};

describe('presence', () => {
  it('calls a host online at its first heartbeat and says nothing at the next', () => {
    const book = new PresenceBook();
    expect(book.heard(seen('h1', 0))).toMatchObject({ kind: 'online', bootId: 'b1' });
    expect(book.heard(seen('h1', 10_000))).toBeUndefined();
    expect(book.onlineCount()).toBe(1);
  });

  it('calls a silent host suspect and then offline, each once, after the limit and not before', () => {
    const book = new PresenceBook();
    book.heard(seen('h1', 0));
    expect(book.silent(doubt)).toEqual([]);
    expect(book.silent(doubt + 1)).toMatchObject([{ kind: 'suspect', lastHeartbeatAt: 0 }]);
    expect(book.silent(limit)).toEqual([]);
    expect(book.isOnline({ tenant, host: 'h1' as HostId })).toBe(true);
    expect(book.silent(limit + 1)).toMatchObject([{ kind: 'offline', lastHeartbeatAt: 0 }]);
    expect(book.silent(limit + 2)).toEqual([]);
    expect(book.isOnline({ tenant, host: 'h1' as HostId })).toBe(false);
  });

  it('calls a host that comes back online at once, from suspect and from offline', () => {
    const book = new PresenceBook();
    book.heard(seen('h1', 0));
    book.silent(doubt + 1);
    expect(book.heard(seen('h1', doubt + 2))).toMatchObject({ kind: 'online' });
    book.silent(doubt + limit + 3);
    expect(book.heard(seen('h1', doubt + limit + 4))).toMatchObject({ kind: 'online' });
  });

  it('notes a restart of the agent, but not one in each heartbeat', () => {
    const book = new PresenceBook();
    book.heard(seen('h1', 0));
    expect(book.heard(seen('h1', 59_000, 'b2'))).toBeUndefined();
    expect(book.heard(seen('h1', 61_000, 'b2'))).toMatchObject({ kind: 'online', bootId: 'b2' });
    expect(book.heard(seen('h1', 62_000, 'b3'))).toBeUndefined();
    expect(book.heard(seen('h1', 63_000, 'b2'))).toBeUndefined();
  });

  it('gives hosts that were online before a restart one full limit to be heard', () => {
    const book = new PresenceBook();
    book.assume([{ tenant, host: 'h1' as HostId, ...online }], 100);
    expect(book.heard(seen('h1', 200))).toBeUndefined();
    expect(book.silent(200 + doubt)).toEqual([]);
  });

  it('lets a suspect of before a restart come back, and does not doubt it twice', () => {
    const book = new PresenceBook();
    book.assume([{ tenant, host: 'h1' as HostId, ...online, phase: 'suspect' }], 0);
    expect(book.silent(limit)).toEqual([]);
    expect(book.heard(seen('h1', limit))).toMatchObject({ kind: 'online' });
  });

  it('finds a transition again that could not be recorded', () => {
    const book = new PresenceBook();
    book.revert(book.heard(seen('h1', 0))!);
    expect(book.heard(seen('h1', 1))).toMatchObject({ kind: 'online' });
    const [suspect] = book.silent(doubt + 2);
    book.revert(suspect!);
    expect(book.silent(doubt + 3)).toMatchObject([{ kind: 'suspect' }]);
  });

  it('tells a host only what changes, whatever happens when', () => {
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
          kinds.forEach((kind, i) => expect(predecessors[kind]).toContain(kinds[i - 1] ?? 'nothing'));
      }),
    );
  });
});
