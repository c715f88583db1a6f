import { z } from 'zod';

/** A stored recording as people see it. */
export const recordingSchema = z.object({
  id: z.string(),
  kind: z.enum(['captured', 'generated']),
  source: z.string().meta({ description: 'Where it comes from, in words.' }),
  createdAt: z.string(),
  expiresAt: z.string(),
  durationSeconds: z.number(),
  intervalSeconds: z.number(),
  hosts: z.int(),
  points: z.int(),
  series: z.int(),
  bytes: z.int().meta({ description: 'As it is stored, packed.' }),
});
export type RecordingView = Readonly<z.output<typeof recordingSchema>>;
export const recordingListSchema = z.object({ items: z.array(recordingSchema) });
