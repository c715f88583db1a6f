import type { HostId, Position, RunningCollector, TenantId } from '#lib/events';
import type { CollectorOffer, CollectorStatus, Door, IngressPort, Inventory } from '#lib/agent-protocol';
import { bigint, double, integer, json, key, optional, text, time, unlisted } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

export type HostStatus = 'enrolled' | 'online' | 'suspect' | 'offline' | 'revoked';

/** One row per enrolled host, from its events. */
export const hostView = table({
  name: 'host_view',
  writer: 'projector',
  columns: {
    tenant: key(text<TenantId>()),
    id: key(text<HostId>()),
    position: bigint<Position>(),
    hostname: text(),
    labels: json<Readonly<Record<string, string>>>(),
    site: optional(text()),
    status: text<HostStatus>(),
    /** Without what the collector offers. */
    inventory: json<Inventory>(),
    /** What the host's collector offers; null where the agent did not tell. */
    collectorOffers: unlisted(optional(json<CollectorOffer>())),
    /** Generation of the newest order that took effect, failed or was taken back; 0 before the first. */
    generation: integer(),
    collectors: json<readonly RunningCollector[]>(),
    lastError: optional(text()),
    agentVersion: optional(text()),
    bootId: optional(text()),
    /** Since when a person wants a new credential for it; null when it has that. */
    rotationRequestedAt: optional(time()),
    enrolledAt: time(),
    updatedAt: time(),
  },
});
export type HostView = RowsOf<typeof hostView>;

/** The last heartbeat of each host; overwritten, never an event. */
export const hostPresence = table({
  name: 'host_presence',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    bootId: text(),
    lastHeartbeatAt: time(),
    agentCpuPercent: double(),
    agentRssBytes: bigint(),
    /** Messages that wait in the agent's outbox, by lane. */
    outboxResults: integer(),
    outboxMetrics: integer(),
    collectors: json<readonly CollectorStatus[]>(),
    /** The agent's clock when it sent the heartbeat; `lastHeartbeatAt` is the gateway's when it heard it. */
    sentAt: optional(time()),
    /** Highest generation that the agent had accepted. */
    generation: optional(integer()),
    outboxDropped: optional(bigint()),
    outboxFailure: optional(text()),
    door: optional(text<Door>()),
    /** The server that the agent talks to, its leaf or the hub, and the way to it and back. */
    linkServer: optional(text()),
    linkRttMs: optional(double()),
    /** Ports on which applications push; null where the agent does not tell. */
    ingress: optional(json<readonly IngressPort[]>()),
  },
});
export type HostPresence = RowsOf<typeof hostPresence>;

/** The last hello of each host, one for each time that it connects; overwritten. `at` is when the gateway heard it. */
export const hostHello = table({
  name: 'host_hello',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    host: key(text<HostId>()),
    at: time(),
    bootId: text(),
    epoch: text(),
    protocol: integer(),
    agentVersion: text(),
    generation: integer(),
  },
});
export type HostHello = RowsOf<typeof hostHello>;
