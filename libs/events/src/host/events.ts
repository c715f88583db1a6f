import { z } from 'zod';
import { inventorySchema } from '../agent-protocol/messages.js';
import { defineEvent, type EventOf } from '../event.js';
import { variantSchema } from '../experiment/spec.js';

const at = z.iso.datetime();
const labels = z.record(z.string(), z.string());

/** One collector as a host runs it. */
export const runningCollectorSchema = z.object({ variant: variantSchema, configHash: z.string() });
export type RunningCollector = Readonly<z.output<typeof runningCollectorSchema>>;

export const hostEvents = {
  HostEnrolled: defineEvent({
    type: 'HostEnrolled',
    summary: 'A host received its credential.',
    schema: z.object({
      at,
      hostname: z.string(),
      labels,
      site: z.string().optional(),
      inventory: inventorySchema,
      publicKey: z.string(),
    }),
  }),
  HostCredentialRotated: defineEvent({
    type: 'HostCredentialRotated',
    summary: 'The host received a new credential.',
    schema: z.object({ at, publicKey: z.string() }),
  }),
  HostCredentialRotationRequested: defineEvent({
    type: 'HostCredentialRotationRequested',
    summary: 'A person wants the host to get a new credential; the one that it has holds until then.',
    schema: z.object({ at, reason: z.string().max(500) }),
  }),
  HostCredentialIssued: defineEvent({
    type: 'HostCredentialIssued',
    summary:
      'A key that the host made may be signed: beside the present credential, until the host has used it.',
    schema: z.object({ at, publicKey: z.string() }),
  }),
  HostRevoked: defineEvent({
    type: 'HostRevoked',
    summary: 'The credential of the host is no longer accepted.',
    schema: z.object({ at, reason: z.string().max(500) }),
  }),
  HostLabelled: defineEvent({
    type: 'HostLabelled',
    summary: 'The labels of the host were replaced.',
    schema: z.object({ at, labels, site: z.string().optional() }),
  }),
  HostCameOnline: defineEvent({
    type: 'HostCameOnline',
    summary: 'The host is heard of again.',
    schema: z.object({ at, bootId: z.string(), agentVersion: z.string() }),
  }),
  HostBecameSuspect: defineEvent({
    type: 'HostBecameSuspect',
    summary: 'Heartbeats are missing, not yet for long enough to call the host offline.',
    schema: z.object({ at, lastHeartbeatAt: at }),
  }),
  HostWentOffline: defineEvent({
    type: 'HostWentOffline',
    summary: 'No heartbeat for longer than the offline limit.',
    schema: z.object({ at, lastHeartbeatAt: at }),
  }),
  HostInventoryReported: defineEvent({
    type: 'HostInventoryReported',
    summary: 'The host is made of something else than it told before.',
    schema: z.object({ at, inventory: inventorySchema }),
  }),
  HostConfigurationApplied: defineEvent({
    type: 'HostConfigurationApplied',
    summary: 'The host runs exactly the ordered collectors.',
    schema: z.object({ at, generation: z.int().nonnegative(), collectors: z.array(runningCollectorSchema) }),
  }),
  HostConfigurationFailed: defineEvent({
    type: 'HostConfigurationFailed',
    summary: 'The host could not run the ordered collectors and kept what it had.',
    schema: z.object({ at, generation: z.int().nonnegative(), reason: z.string().max(1000) }),
  }),
  HostFellBack: defineEvent({
    type: 'HostFellBack',
    summary: 'The host returned by itself to its last healthy collectors.',
    schema: z.object({
      at,
      generation: z.int().nonnegative(),
      reason: z.string().max(1000),
      collectors: z.array(runningCollectorSchema),
    }),
  }),
} as const;

export type HostEvent = EventOf<(typeof hostEvents)[keyof typeof hostEvents]>;
