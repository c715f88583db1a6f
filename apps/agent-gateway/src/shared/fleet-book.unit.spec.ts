import type { AggregateId, ExperimentSpec, HostId, Position, StoredCommit, TenantId } from '#lib/events';
import { FleetBook } from './fleet-book.js';

const tenant = 'acme' as TenantId;
const host = 'h1' as HostId;
const at = '2026-01-02T03:04:05.000Z';
const pipeline = { template: 'baseline', parameters: {} };
const spec = { name: 'x' } as unknown as ExperimentSpec;

let position = 0;
const commit = (id: string, ...events: StoredCommit<'experiment'>['events']): StoredCommit => {
  position += 1;
  return {
    tenant,
    aggregate: 'experiment',
    id: id as AggregateId,
    commandId: `c${position}` as StoredCommit['commandId'],
    actor: { kind: 'user', id: 'u' },
    at,
    events,
    position: position as Position,
  };
};
const started = (id: string) =>
  commit(
    id,
    { type: 'ExperimentDrafted', data: { at, spec } },
    { type: 'ExperimentStarted', data: { at, hosts: [host], baseline: pipeline, candidate: pipeline, spec } },
  );

const hostCommit = (...events: StoredCommit<'host'>['events']): StoredCommit => {
  const { position: at, ...rest } = commit('h1');
  return { ...rest, position: at, aggregate: 'host', events };
};
const inventory = {
  ...{ os: 'linux', kernel: '6.1', arch: 'x64', cpus: 2, memoryBytes: 8e9 },
  collector: { kind: 'otelcol', version: '0.149.0' },
} as const;
const enrolled = (publicKey: string) =>
  hostCommit({ type: 'HostEnrolled', data: { at, hostname: 'h1', labels: {}, inventory, publicKey } });

describe('the fleet book', () => {
  it('lets a host follow the experiment that was started last', () => {
    const book = new FleetBook();
    book.apply(started('e1'));
    book.apply(started('e2'));
    expect(book.ownerOf(tenant, host)?.id).toBe('e2');
    expect(book.ownerOf('other' as TenantId, host)).toBeUndefined();
    expect(book.ownerOf(tenant, 'h2' as HostId)).toBeUndefined();
  });

  it('gives the say to nobody when the last one is archived, least of all to an older one', () => {
    const book = new FleetBook();
    book.apply(started('e1'));
    book.apply(started('e2'));
    book.apply(
      commit(
        'e2',
        { type: 'ExperimentStopRequested', data: { at, reason: '', mode: 'graceful' } },
        { type: 'ExperimentStopped', data: { at } },
      ),
    );
    expect(book.ownerOf(tenant, host)?.id).toBe('e2');
    book.apply(commit('e2', { type: 'ExperimentArchived', data: { at } }));
    expect(book.ownerOf(tenant, host)).toBeUndefined();
  });

  it('holds the old key and the new one for good while one follows the other, and then the new one alone', () => {
    const book = new FleetBook();
    const retiredAfter = (...events: StoredCommit<'host'>['events']) => {
      book.apply(hostCommit(...events));
      return [...book.retiredKeys()].sort();
    };
    book.apply(enrolled('U1'));
    const issued = (publicKey: string) =>
      ({ type: 'HostCredentialIssued', data: { at, publicKey } }) as const;
    expect(retiredAfter({ type: 'HostCredentialRotationRequested', data: { at, reason: '' } })).toEqual([]);
    expect(retiredAfter(issued('U2'), issued('U3'))).toEqual([]);
    expect(retiredAfter({ type: 'HostCredentialRotated', data: { at, publicKey: 'U3' } })).toEqual([
      'U1',
      'U2',
    ]);
    expect(
      retiredAfter({ type: 'HostCredentialRotationRequested', data: { at, reason: '' } }, issued('U4')),
    ).toEqual(['U1', 'U2']);
    expect(retiredAfter({ type: 'HostRevoked', data: { at, reason: '' } })).toEqual(['U1', 'U2', 'U3', 'U4']);
  });
});
