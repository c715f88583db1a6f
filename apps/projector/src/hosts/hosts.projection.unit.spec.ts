import type { EventsOf } from '#lib/events';
import { commitsOf, rowAfter, second } from '../shared/testing/given.js';
import { hostsView } from './hosts.projection.js';

type Event = EventsOf<'host'>;

const inventory = {
  os: 'linux',
  kernel: '6.1.0',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 8_000_000_000,
  collector: { kind: 'otelcol' as const, version: '0.149.0' },
};
const enrolled: Event = {
  type: 'HostEnrolled',
  data: {
    at: second(0),
    hostname: 'web-1',
    labels: { env: 'prod' },
    site: 'fra',
    inventory,
    publicKey: 'UA',
  },
};
const online: Event = {
  type: 'HostCameOnline',
  data: { at: second(1), bootId: 'b1', agentVersion: '0.1.0' },
};
const offline: Event = { type: 'HostWentOffline', data: { at: second(2), lastHeartbeatAt: second(1) } };
const collectors = [{ variant: 'baseline' as const, configHash: 'ab' }];
const applied: Event = {
  type: 'HostConfigurationApplied',
  data: { at: second(3), generation: 1, collectors },
};
const failed: Event = {
  type: 'HostConfigurationFailed',
  data: { at: second(4), generation: 2, reason: 'port taken' },
};
const fellBack: Event = {
  type: 'HostFellBack',
  data: { at: second(5), generation: 3, reason: 'exit loop', collectors: [] },
};

const rowOf = (...events: readonly Event[]) =>
  rowAfter(hostsView, commitsOf('host', ...events.map((event) => [event])));

describe('the view of hosts', () => {
  it('keeps what the collector offers apart from the inventory, and forgets it when nothing is told', () => {
    const offers = {
      ...{ receivers: { otlp: 'v0.149.0' }, processors: {}, exporters: {}, connectors: {}, extensions: {} },
    };
    const told: Event = {
      type: 'HostInventoryReported',
      data: { at: second(1), inventory: { ...inventory, collector: { ...inventory.collector, offers } } },
    };
    const silent: Event = { type: 'HostInventoryReported', data: { at: second(2), inventory } };
    expect(rowOf(enrolled, told)).toMatchObject({ inventory, collectorOffers: offers });
    expect(rowOf(enrolled, told)?.inventory).toEqual(inventory);
    expect(rowOf(enrolled, told, silent)).toMatchObject({ inventory, collectorOffers: null });
  });

  it('begins with the enrolment', () => {
    expect(rowOf(enrolled)).toMatchObject({
      id: 'a1',
      hostname: 'web-1',
      labels: { env: 'prod' },
      site: 'fra',
      status: 'enrolled',
      inventory,
      generation: 0,
      collectors: [],
    });
  });

  it('knows whether the host was heard of', () => {
    expect(rowOf(enrolled, online)).toMatchObject({ status: 'online', bootId: 'b1', agentVersion: '0.1.0' });
    expect(rowOf(enrolled, online, offline)).toMatchObject({ status: 'offline', bootId: 'b1' });
  });

  it('shows a host as suspect between online and offline, and what it is made of as it told last', () => {
    const suspect: Event = { type: 'HostBecameSuspect', data: { at: second(2), lastHeartbeatAt: second(1) } };
    expect(rowOf(enrolled, online, suspect)).toMatchObject({ status: 'suspect', bootId: 'b1' });
    expect(rowOf(enrolled, online, suspect, online)).toMatchObject({ status: 'online' });
    const grown = { ...inventory, cpus: 4 };
    const told: Event = { type: 'HostInventoryReported', data: { at: second(3), inventory: grown } };
    expect(rowOf(enrolled, online, told)).toMatchObject({ status: 'online', inventory: grown });
  });

  it('shows since when a new credential is wanted, until the host has it', () => {
    const wanted: Event = {
      type: 'HostCredentialRotationRequested',
      data: { at: second(2), reason: 'yearly' },
    };
    const issued: Event = { type: 'HostCredentialIssued', data: { at: second(3), publicKey: 'UB' } };
    const rotated: Event = { type: 'HostCredentialRotated', data: { at: second(4), publicKey: 'UB' } };
    const since = (...events: readonly Event[]) => rowOf(enrolled, ...events)?.rotationRequestedAt;
    expect(since()).toBeNull();
    expect(since(wanted, issued)).toBe(second(2));
    expect(since(wanted, issued, rotated)).toBeNull();
  });

  it('keeps what runs when a newer order failed, and says why', () => {
    expect(rowOf(enrolled, online, applied, failed)).toMatchObject({
      generation: 2,
      collectors,
      lastError: 'port taken',
    });
  });

  it('forgets the failure once an order took effect', () => {
    expect(rowOf(enrolled, failed, applied)).toMatchObject({ generation: 1, collectors, lastError: null });
  });

  it('shows what a host fell back to', () => {
    expect(rowOf(enrolled, applied, fellBack)).toMatchObject({
      generation: 3,
      collectors: [],
      lastError: 'exit loop',
    });
  });

  it('replaces labels and site together', () => {
    const labelled: Event = { type: 'HostLabelled', data: { at: second(6), labels: { env: 'test' } } };
    expect(rowOf(enrolled, labelled)).toMatchObject({ labels: { env: 'test' }, site: null });
  });

  it('starts anew when a revoked host enrols again', () => {
    const revoked: Event = { type: 'HostRevoked', data: { at: second(7), reason: 'stolen' } };
    expect(rowOf(enrolled, online, applied, revoked)).toMatchObject({ status: 'revoked' });
    expect(rowOf(enrolled, online, applied, revoked, enrolled)).toMatchObject({
      status: 'enrolled',
      generation: 0,
      collectors: [],
      bootId: null,
      position: 5,
    });
  });
});
