import { z } from 'zod';
import { timestamp } from './common.view.js';
import { hostStatusSchema } from './host.view.js';

/** `no-data`: there is nothing to judge, and nothing is made up in its place. */
export const findings = ['ok', 'warn', 'bad', 'no-data'] as const;

export const hostCheckSchema = z.object({
  name: z.string(),
  status: z.enum(findings),
  detail: z.string(),
  fix: z.string().nullable().meta({ description: 'What to do about it; null when it is ok.' }),
});
export type HostCheck = Readonly<z.output<typeof hostCheckSchema>>;

const figure = z.number().nullable();

/** What a host was judged by; null where nobody has told. */
export const hostFiguresSchema = z.object({
  heartbeatAgeMs: figure.meta({ description: 'Time since the gateway heard the last heartbeat.' }),
  clockSkewMs: figure.meta({
    description:
      'Clock of the agent less clock of the gateway at the last heartbeat; its time on the way counts as behind.',
  }),
  rttMs: figure.meta({ description: 'From the agent to the server that it talks to, and back.' }),
  outboxResults: figure,
  outboxMetrics: figure,
  dropped: figure.meta({ description: 'Metrics messages dropped since the agent started.' }),
  desiredGeneration: figure,
  acceptedGeneration: figure,
  effectiveGeneration: figure,
});
export type HostFigures = Readonly<z.output<typeof hostFiguresSchema>>;

/** Why a host does not do well, and what to do about it. */
export const hostDebugSchema = z.object({
  id: z.string(),
  status: hostStatusSchema,
  at: timestamp,
  checks: z.array(hostCheckSchema),
  figures: hostFiguresSchema,
});
export type HostDebug = Readonly<z.output<typeof hostDebugSchema>>;
