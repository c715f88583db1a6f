import { join } from 'node:path';
import type { Disk } from '../files/disk.js';
import { scanRecords, type RecordPlace } from './record.js';

/** One file of a lane. `lastN` is `firstN - 1` while it is empty; `size` counts whole records only. */
export type Segment = { readonly path: string; readonly firstN: number; lastN: number; size: number };

/** Numbers of messages, both ends included. */
export type NumberRange = { readonly fromN: number; readonly toN: number };

/** What a lane finds on its disk. */
export type FoundLane = {
  readonly segments: Segment[];
  /** The number that was acknowledged last; undefined where the file that says so is missing or unreadable. */
  readonly acked: number | undefined;
};

const SEGMENT_NAME = /^(\d{16})\.log$/;

export function newSegment(folder: string, firstN: number): Segment {
  const path = join(folder, `${String(firstN).padStart(16, '0')}.log`);
  return { path, firstN, lastN: firstN - 1, size: 0 };
}

export function cursorPath(folder: string): string {
  return join(folder, 'cursor');
}

/** Names the range that is being given up, while it is. */
export function givenUpPath(folder: string): string {
  return join(folder, 'given-up');
}

export function formatRange({ fromN, toN }: NumberRange): string {
  return `${fromN} ${toN}\n`;
}

/** Undefined when there is none, or it was torn: then nothing has been told yet. */
export function parseRange(bytes: Buffer | undefined): NumberRange | undefined {
  const [, fromN, toN] = /^(\d{1,15}) (\d{1,15})\n$/.exec(bytes?.toString('utf8') ?? '') ?? [];
  return fromN === undefined ? undefined : { fromN: Number(fromN), toN: Number(toN) };
}

/** Reads a lane's folder, oldest segment first. What follows a torn record in its segment is gone. */
export async function findLane(disk: Disk, folder: string): Promise<FoundLane> {
  await disk.ensureFolder(folder);
  const names = (await disk.list(folder)).filter((name) => SEGMENT_NAME.test(name)).sort();
  const segments: Segment[] = [];
  for (const name of names)
    segments.push(await measured(disk, newSegment(folder, Number.parseInt(name, 10))));
  const cursor = (await disk.read(cursorPath(folder)))?.toString('utf8') ?? '';
  return { segments, acked: /^\d{1,15}\n$/.test(cursor) ? Number(cursor) : undefined };
}

/** The first record after `acked` in a segment, or the place behind its last one. */
export async function offsetAfter(disk: Disk, segment: Segment, acked: number): Promise<number> {
  if (acked < segment.firstN) return 0;
  for (const place of await places(disk, segment)) if (place.n > acked) return place.offset;
  return segment.size;
}

async function measured(disk: Disk, segment: Segment): Promise<Segment> {
  for (const { offset, length } of await places(disk, segment)) {
    segment.lastN++;
    segment.size = offset + length;
  }
  return segment;
}

async function places(disk: Disk, { path, firstN }: Segment): Promise<readonly RecordPlace[]> {
  const all = [...scanRecords((await disk.read(path)) ?? Buffer.alloc(0))];
  const end = all.findIndex(({ n }, index) => n !== firstN + index);
  return end < 0 ? all : all.slice(0, end);
}
