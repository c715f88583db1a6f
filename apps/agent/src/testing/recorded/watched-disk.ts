import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { decodeRecord, nodeDisk, scanRecords, type Disk, type OutboxEntry } from '#lib/agent-core';
import { uplinkMessageSchema, type UplinkMessage } from '#lib/agent-protocol';
import type { CrashPoint } from './crash-point.js';
import type { Diary, Written } from './diary.js';
import type { CrashStep } from './settings.js';

/** The machine's disk, which writes down what is written to it, and can be the last thing that a host does. */
export function watchedDisk(diary: Diary, crash: CrashPoint): Disk {
  return {
    ...nodeDisk,
    writeAt: async (path, position, bytes) => {
      const records = recordsIn(path, bytes);
      for (const record of records) diary.note({ type: 'appending', ...record });
      await crash.around(stepOf(path), () => nodeDisk.writeAt(path, position, bytes));
      for (const { lane, n } of records) diary.note({ type: 'appended', lane, n });
    },
    replace: async (path, bytes) => {
      await crash.around(stepOf(path), () => nodeDisk.replace(path, bytes));
      const n = Number(bytes.toString());
      if (stepOf(path) === 'cursor') diary.note({ type: 'cursor', lane: laneOf(path), n });
    },
  };
}

function stepOf(path: string): CrashStep | undefined {
  if (path.endsWith('/tasks.json')) return 'journal';
  if (path.endsWith('/cursor')) return 'cursor';
  return path.endsWith('.log') ? 'append' : undefined;
}

function laneOf(path: string): string {
  return basename(dirname(path));
}

function recordsIn(path: string, bytes: Uint8Array): readonly Written[] {
  const buffer = Buffer.from(bytes);
  return [...scanRecords(buffer)].flatMap(({ offset, length }) => {
    const entry = decodeRecord(buffer.subarray(offset, offset + length));
    return entry === undefined ? [] : [written(laneOf(path), entry)];
  });
}

function written(lane: string, { body, n, subject }: OutboxEntry): Written {
  const hash = createHash('sha256').update(body).digest('hex');
  if (lane !== 'results') return { lane, n, kind: subject.split('.')[0] ?? '', hash };
  const message = uplinkMessageSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  return { lane, n, kind: message.kind, hash, ...factsOf(message) };
}

function factsOf(message: UplinkMessage): Partial<Written> {
  switch (message.kind) {
    case 'attempt':
      return { taskId: message.taskId, generation: message.generation, stage: message.stage };
    case 'task-result':
      return { taskId: message.taskId, outcome: message.outcome };
    case 'task-progress':
    case 'recording-part':
      return { taskId: message.taskId };
    case 'outbox-gap':
      return { fromN: message.fromN, toN: message.toN };
  }
}
