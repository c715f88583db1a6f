import { z } from 'zod';
import { nodeDisk } from '#lib/agent-core';
import { rotationPath } from '../enrol/identity-file.js';

const keysSchema = z.object({
  publicKey: z.string(),
  seed: z.string(),
  httpCredential: z.string(),
  secretHash: z.string(),
});

const rotationSchema = z.discriminatedUnion('stage', [
  /** The keys are made, and the gateway has not signed them yet. */
  z.object({ stage: z.literal('named'), taskId: z.string(), keys: keysSchema }),
  /** They are signed, and not yet in the place of the old ones for certain. */
  z.object({ stage: z.literal('signed'), taskId: z.string(), keys: keysSchema, jwt: z.string() }),
  /** They are what this host shows. No secret is kept twice. */
  z.object({
    stage: z.literal('in-use'),
    taskId: z.string(),
    publicKey: z.string(),
    secretHash: z.string(),
    proof: z.string(),
  }),
]);

/** How far the newest rotation is. */
export type Rotation = Readonly<z.output<typeof rotationSchema>>;

/** Undefined before the first rotation. @throws Error when the file is none of ours */
export async function readRotation(agentFolder: string): Promise<Rotation | undefined> {
  const bytes = await nodeDisk.read(rotationPath(agentFolder));
  return bytes === undefined ? undefined : rotationSchema.parse(JSON.parse(bytes.toString('utf8')));
}

/** It is on the disk when this resolves. */
export function writeRotation(agentFolder: string, rotation: Rotation): Promise<void> {
  return nodeDisk.replace(rotationPath(agentFolder), JSON.stringify(rotation));
}
