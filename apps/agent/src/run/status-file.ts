import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { doorStates, type Doors } from '#lib/agent-core';
import { doors, ingressPortSchema } from '#lib/agent-protocol';

const statusSchema = z.object({
  at: z.iso.datetime(),
  isLinked: z.boolean(),
  outbox: z.object({ results: z.int(), metrics: z.int(), failure: z.string().optional() }),
  meterPort: z.int(),
  collector: z.string(),
  /** The way in use; absent while there is none. */
  link: z
    .object({ door: z.enum(doors), server: z.string().optional(), since: z.iso.datetime().optional() })
    .optional(),
  /** Every door, the best one first. */
  doors: z
    .array(
      z.object({
        name: z.string(),
        state: z.enum(doorStates),
        since: z.iso.datetime(),
        lastFailure: z.object({ at: z.iso.datetime(), reason: z.string() }).optional(),
      }),
    )
    .optional(),
  /** Ports on which applications push, with what came there since the agent started; absent where there is none. */
  ingress: z.array(ingressPortSchema).readonly().optional(),
  /** Why an exchange of the credential waits. */
  rotation: z.string().optional(),
  /** Why the last order that failed did, with its generation. */
  lastRefusal: z.string().optional(),
});

/** What the running agent says of itself to people on its host. */
export type AgentStatus = Readonly<z.output<typeof statusSchema>>;

/** The part of the status that is about the doors. */
export function doorStatus(link: Doors): Pick<AgentStatus, 'isLinked' | 'link' | 'doors'> {
  const reports = [...link.reports()];
  const since = reports.find(({ state }) => state === 'in-use')?.since;
  const about = link.isConnected() ? link.about() : undefined;
  return {
    isLinked: link.isConnected(),
    ...(about !== undefined && {
      link: {
        door: about.door,
        ...(about.server !== undefined && { server: about.server }),
        ...(since !== undefined && { since }),
      },
    }),
    doors: reports,
  };
}

/** Not synced: it is rewritten every few seconds. */
export async function writeStatus(folder: string, status: AgentStatus): Promise<void> {
  const path = join(folder, 'status.json');
  await writeFile(`${path}.draft`, JSON.stringify(status), { mode: 0o600 });
  await rename(`${path}.draft`, path);
}

/** The last word of an agent in this folder; undefined when there never was one. */
export async function readStatus(folder: string): Promise<AgentStatus | undefined> {
  const text = await readFile(join(folder, 'status.json'), 'utf8').catch(() => '');
  const parsed = statusSchema.safeParse(text === '' ? undefined : JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
