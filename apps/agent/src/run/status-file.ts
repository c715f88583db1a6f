import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const statusSchema = z.object({
  at: z.iso.datetime(),
  isLinked: z.boolean(),
  outbox: z.object({ results: z.int(), metrics: z.int(), failure: z.string().optional() }),
  meterPort: z.int(),
  collector: z.string(),
  /** Why the last order that failed did, with its generation. */
  lastRefusal: z.string().optional(),
});

/** What the running agent says of itself to people on its host. */
export type AgentStatus = Readonly<z.output<typeof statusSchema>>;

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
