import { join } from 'node:path';
import { z } from 'zod';
import { nodeDisk } from '#lib/agent-core';
import type { ProcessIdentity } from '../machine/proc.js';

const instanceSchema = z.object({
  instance: z.string(),
  /** `orderKey` of what runs, and the selection that was written into its configuration. */
  orderKey: z.string(),
  selection: z
    .object({ members: z.array(z.object({ pid: z.int(), executable: z.string() })).readonly() })
    .readonly()
    .optional(),
  /** When the set was changed in the last hour, epoch milliseconds; absent where an older agent wrote it. */
  selectionChanges: z.array(z.number()).readonly().optional(),
  telemetryPort: z.int(),
  meterPort: z.int(),
  /** Where a pushed source has one. */
  receiverPort: z.int().optional(),
  /** Absent while it is being started. */
  process: z.object({ pid: z.int(), born: z.string() }).optional(),
});

/**
 * What an agent must know of a collector to take it over from a killed one. Its meter token is no part of it: that
 * stands in the collector's environment and nowhere on the disk.
 */
export type InstanceRecord = Readonly<z.output<typeof instanceSchema>>;

/** Environment variables of a collector: its meter token, and its folder, by which its children are known. */
export const TOKEN_ENV = 'PHOENIX_METER_TOKEN';
export const FOLDER_ENV = 'PHOENIX_COLLECTOR_FOLDER';

/** Where the files of one instance are. */
export type InstanceFiles = {
  readonly folder: string;
  readonly config: string;
  readonly record: string;
  readonly log: string;
};

export function instanceFiles(collectorsFolder: string, instance: string): InstanceFiles {
  const folder = join(collectorsFolder, instance);
  return {
    folder,
    config: join(folder, 'config.yaml'),
    record: join(folder, 'instance.json'),
    log: join(folder, 'collector.log'),
  };
}

export async function writeRecord(files: InstanceFiles, record: InstanceRecord): Promise<void> {
  await nodeDisk.replace(files.record, JSON.stringify(record));
}

/** Undefined when there is none or it is not readable: then its process is reaped, never adopted. */
export async function readRecord(
  files: InstanceFiles,
): Promise<(InstanceRecord & { readonly process: ProcessIdentity }) | undefined> {
  const bytes = await nodeDisk.read(files.record);
  try {
    const record = instanceSchema.parse(JSON.parse(bytes?.toString('utf8') ?? ''));
    return record.process && { ...record, process: record.process };
  } catch {
    return undefined;
  }
}
