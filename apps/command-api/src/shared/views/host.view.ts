import { z } from 'zod';
import {
  attemptStages,
  collectorOfferSchema,
  collectorStatusSchema,
  doors,
  ingressPortSchema,
  inventorySchema,
} from '#lib/agent-protocol';
import { runningCollectorSchema } from '#lib/events';
import { pageOf, positionText, timestamp } from './common.view.js';

const labels = z.record(z.string(), z.string());
export const hostStatusSchema = z.enum(['enrolled', 'online', 'suspect', 'offline', 'revoked']);

const { collector } = inventorySchema.shape;

/** A host as it stands in lists and in the feed `fleet`. */
export const hostSchema = z.object({
  id: z.string(),
  hostname: z.string(),
  status: hostStatusSchema,
  position: positionText,
  labels,
  site: z.string().nullable(),
  inventory: inventorySchema.extend({ collector: collector.omit({ offers: true }) }),
  generation: z.int().meta({ description: 'Newest order that took effect, failed or was taken back.' }),
  collectors: z.array(runningCollectorSchema),
  lastError: z.string().nullable(),
  agentVersion: z.string().nullable(),
  rotationRequestedAt: timestamp
    .nullable()
    .meta({ description: 'Since when a new credential is wanted; null when the host has it.' }),
  enrolledAt: timestamp,
  updatedAt: timestamp,
});
export type Host = Readonly<z.output<typeof hostSchema>>;
export const hostPageSchema = pageOf(hostSchema);
export type HostPage = Readonly<z.output<typeof hostPageSchema>>;

/** The last heartbeat of a host. */
export const presenceSchema = z.object({
  bootId: z.string(),
  lastHeartbeatAt: timestamp,
  agent: z.object({ cpuPercent: z.number(), rssBytes: z.number() }),
  outbox: z
    .object({
      results: z.int(),
      metrics: z.int(),
      dropped: z.int().nullable(),
      failure: z.string().nullable(),
    })
    .meta({
      description: 'Messages that wait, metrics dropped since the agent started, why the disk refuses.',
    }),
  ingress: z.array(ingressPortSchema).nullable().meta({
    description:
      'Ports on which applications push, in requests since the agent started; null when the agent does not tell.',
  }),
  link: z
    .object({ door: z.enum(doors), server: z.string().nullable(), rttMs: z.number().nullable() })
    .nullable()
    .meta({ description: 'null when the agent does not tell.' }),
  collectors: z.array(collectorStatusSchema),
});
export type Presence = Readonly<z.output<typeof presenceSchema>>;

/** One stage of one order on one host. Stages are never collapsed into a status. */
export const attemptEntrySchema = z.object({
  host: z.string(),
  generation: z.int(),
  taskId: z.string(),
  stage: z.enum(attemptStages),
  at: timestamp,
  reason: z.string().nullable(),
  collectors: z.array(runningCollectorSchema),
  experimentId: z.string().nullable(),
  detectedAt: timestamp
    .nullable()
    .meta({ description: 'When the agent noticed what made it fail or fall back, where it told.' }),
});
export type AttemptEntry = Readonly<z.output<typeof attemptEntrySchema>>;

/** A host with its last heartbeat and its newest attempts. */
export const hostDetailSchema = hostSchema.extend({
  presence: presenceSchema.nullable(),
  attempts: z.array(attemptEntrySchema).meta({ description: 'The newest 200 stages, newest first.' }),
});
export type HostDetail = Readonly<z.output<typeof hostDetailSchema>>;

/** The collector that a host runs, and what it offers. */
export const hostCollectorSchema = z.object({
  id: z.string(),
  ...collector.omit({ offers: true }).shape,
  offers: collectorOfferSchema
    .nullable()
    .meta({ description: 'Versions of the components by their names; null when the host did not tell.' }),
});
export type HostCollector = Readonly<z.output<typeof hostCollectorSchema>>;

/** A host within one experiment, with its attempts for it. */
export const experimentHostSchema = z.object({
  id: z.string(),
  status: hostStatusSchema.nullable().meta({ description: 'null when the host is not known any more.' }),
  collectors: z.array(runningCollectorSchema),
  lastError: z.string().nullable(),
  attempts: z.array(attemptEntrySchema),
});
export type ExperimentHost = Readonly<z.output<typeof experimentHostSchema>>;
export const experimentHostsSchema = z.object({ items: z.array(experimentHostSchema) });
export type ExperimentHosts = Readonly<z.output<typeof experimentHostsSchema>>;

/** The fleet in numbers, and how far the views lag behind the events. */
export const fleetStatusSchema = z.object({
  hosts: z.object({
    total: z.int(),
    enrolled: z.int(),
    online: z.int(),
    suspect: z.int(),
    offline: z.int(),
    revoked: z.int(),
  }),
  projections: z.array(z.object({ name: z.string(), position: positionText, lag: z.int() })),
  head: positionText,
});
export type FleetStatus = Readonly<z.output<typeof fleetStatusSchema>>;

/** A fresh enrolment token. `token` is shown here and nowhere else. */
export const enrolmentTokenSchema = z.object({
  id: z.string(),
  token: z.string(),
  labels,
  site: z.string().nullable(),
  maxUses: z.int(),
  expiresAt: timestamp,
});
export type EnrolmentTokenView = Readonly<z.output<typeof enrolmentTokenSchema>>;

export const tokenStates = ['usable', 'used-up', 'expired', 'revoked'] as const;

/** An enrolment token as it is kept: whom it let in, and never the token itself. */
export const enrolmentTokenEntrySchema = enrolmentTokenSchema.omit({ token: true }).extend({
  state: z.enum(tokenStates),
  uses: z.array(z.object({ host: z.string(), hostname: z.string(), at: timestamp })),
  createdAt: timestamp,
  createdBy: z.string(),
  revokedAt: timestamp.nullable(),
});
export type EnrolmentTokenEntry = Readonly<z.output<typeof enrolmentTokenEntrySchema>>;
export const enrolmentTokensSchema = z.object({
  items: z.array(enrolmentTokenEntrySchema).meta({ description: 'The newest 200, newest first.' }),
});
export type EnrolmentTokenList = Readonly<z.output<typeof enrolmentTokensSchema>>;
