import type { Inventory } from '#lib/agent-protocol';
import { hostView, type HostView } from '#lib/database';
import type { EventsOf, HostId, StoredCommit } from '#lib/events';
import type { AggregateView } from '../shared/aggregate-view.js';

type Event = EventsOf<'host'>;
type Commit = StoredCommit<'host'>;

/** `host_view`. */
export const hostsView: AggregateView<'host', HostView, never> = {
  name: 'hosts',
  aggregate: 'host',
  table: hostView,
  begins: 'HostEnrolled',
  evolve,
};

function evolve(row: HostView | undefined, event: Event, commit: Commit): HostView {
  if (event.type === 'HostEnrolled') return enrolled(event.data, commit);
  if (row === undefined) throw new TypeError(`${event.type} of a host that was never enrolled`);
  return { ...row, ...changesOf(event), updatedAt: event.data.at };
}

/** A host may enrol again after its credential was revoked; it starts from nothing. */
function enrolled(data: Extract<Event, { type: 'HostEnrolled' }>['data'], commit: Commit): HostView {
  return {
    tenant: commit.tenant,
    // The id of a host and the id of its aggregate are the same text.
    id: commit.id as string as HostId,
    position: commit.position,
    hostname: data.hostname,
    labels: data.labels,
    site: data.site ?? null,
    status: 'enrolled',
    ...ofInventory(data.inventory),
    generation: 0,
    collectors: [],
    lastError: null,
    agentVersion: null,
    bootId: null,
    rotationRequestedAt: null,
    enrolledAt: data.at,
    updatedAt: data.at,
  };
}

/** What a collector offers may be long, and stands apart. */
function ofInventory(told: Inventory): Pick<HostView, 'inventory' | 'collectorOffers'> {
  const { offers = null, ...collector } = told.collector;
  return { inventory: { ...told, collector }, collectorOffers: offers };
}

type Change = Exclude<Event, { type: 'HostEnrolled' }>;
type Report = Extract<
  Change,
  { type: 'HostConfigurationApplied' | 'HostConfigurationFailed' | 'HostFellBack' }
>;

function changesOf(event: Change): Partial<HostView> {
  if (isReport(event)) return afterReport(event);
  if (isOfCredential(event)) return afterCredential(event);
  switch (event.type) {
    case 'HostRevoked':
      return { status: 'revoked' };
    case 'HostLabelled':
      return { labels: event.data.labels, site: event.data.site ?? null };
    case 'HostCameOnline':
      return { status: 'online', bootId: event.data.bootId, agentVersion: event.data.agentVersion };
    case 'HostBecameSuspect':
      return { status: 'suspect' };
    case 'HostWentOffline':
      return { status: 'offline' };
    case 'HostInventoryReported':
      return ofInventory(event.data.inventory);
  }
}

/** Only what a host reports of an order names a generation. */
function isReport(event: Change): event is Report {
  return 'generation' in event.data;
}

function afterReport(event: Report): Partial<HostView> {
  switch (event.type) {
    case 'HostConfigurationApplied':
      return { generation: event.data.generation, collectors: event.data.collectors, lastError: null };
    case 'HostConfigurationFailed':
      return { generation: event.data.generation, lastError: event.data.reason };
    case 'HostFellBack': {
      const { generation, collectors, reason } = event.data;
      return { generation, collectors, lastError: reason };
    }
  }
}

type OfCredential = Extract<
  Change,
  { type: 'HostCredentialRotationRequested' | 'HostCredentialIssued' | 'HostCredentialRotated' }
>;

function isOfCredential(event: Change): event is OfCredential {
  return event.type.startsWith('HostCredential');
}

function afterCredential(event: OfCredential): Partial<HostView> {
  switch (event.type) {
    case 'HostCredentialRotationRequested':
      return { rotationRequestedAt: event.data.at };
    case 'HostCredentialIssued':
      return {};
    case 'HostCredentialRotated':
      return { rotationRequestedAt: null };
  }
}
