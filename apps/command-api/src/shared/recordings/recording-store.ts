import { Inject, Injectable } from '@nestjs/common';
import { RECORDINGS_BUCKET, type TenantId } from '#lib/events';
import { CLOCK, NATS, ObjectBucket, type Clock, type Nats, type StoredObject } from '#lib/platform';
import { refusal } from '../http/edge-error.js';
import type { PackedRecording } from './worker.js';
import { recordingSchema, type RecordingView } from './recording.view.js';

/** What one tenant may keep at a time. */
export const MAX_RECORDINGS = 20;
export const MAX_TENANT_BYTES = 128 * 1024 * 1024;

const DESCRIPTION = 'recording';

/**
 * Recordings of all tenants in one bucket, each under its tenant's name. Another tenant's is not found, like one that
 * never was. An expired one is not found either, and goes when its tenant's recordings are next looked through; what
 * nobody looks at goes with the age limit of the stream.
 */
@Injectable()
export class RecordingStore {
  private readonly bucket: ObjectBucket;
  /** One tenant's writes of this app follow each other, so that two cannot both take the last place. */
  private readonly writing = new Map<TenantId, Promise<unknown>>();

  constructor(
    @Inject(NATS) nats: Nats,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.bucket = new ObjectBucket(nats, RECORDINGS_BUCKET);
  }

  /** @throws ProblemError `recordings-full` */
  async save(
    tenant: TenantId,
    id: string,
    recording: PackedRecording,
    expiresAt: string,
  ): Promise<RecordingView> {
    const before = this.writing.get(tenant) ?? Promise.resolve();
    const now = before.catch(() => undefined).then(() => this.write(tenant, id, recording, expiresAt));
    this.writing.set(tenant, now);
    try {
      return await now;
    } finally {
      if (this.writing.get(tenant) === now) this.writing.delete(tenant);
    }
  }

  /** Of one tenant, newest first. */
  async list(tenant: TenantId): Promise<readonly RecordingView[]> {
    const own = (await this.bucket.list()).filter(({ name }) => name.startsWith(`${tenant}/`));
    const views = own.map((object) => ({ object, view: viewOf(object) }));
    const over = views.filter(({ view }) => this.isOver(view));
    await Promise.all(over.map(({ object }) => this.bucket.remove(object.name)));
    return views
      .flatMap(({ view }) => (view === undefined || this.isOver(view) ? [] : [view]))
      .sort((a, b) => Number(a.createdAt < b.createdAt) - Number(a.createdAt > b.createdAt));
  }

  /** @throws ProblemError `recording-not-found` */
  async show(tenant: TenantId, id: string): Promise<RecordingView> {
    const found = await this.bucket.describe(nameOf(tenant, id));
    const view = found && viewOf(found);
    if (view === undefined || this.isOver(view)) throw notFound(id);
    return view;
  }

  /** Its bytes. @throws ProblemError `recording-not-found` */
  async read(tenant: TenantId, id: string): Promise<Uint8Array> {
    await this.show(tenant, id);
    const bytes = await this.bucket.get(nameOf(tenant, id));
    if (bytes === undefined) throw notFound(id);
    return bytes;
  }

  /** @throws ProblemError `recording-not-found` */
  async remove(tenant: TenantId, id: string): Promise<RecordingView> {
    const view = await this.show(tenant, id);
    await this.bucket.remove(nameOf(tenant, id));
    return view;
  }

  private async write(
    tenant: TenantId,
    id: string,
    recording: PackedRecording,
    expiresAt: string,
  ): Promise<RecordingView> {
    const kept = await this.list(tenant);
    const repeated = kept.find((view) => view.id === id);
    if (repeated !== undefined) return repeated;
    const { content, header } = recording;
    const bytes = kept.reduce((sum, view) => sum + view.bytes, content.length);
    if (kept.length >= MAX_RECORDINGS || bytes > MAX_TENANT_BYTES)
      throw refusal(
        'recordings-full',
        `A tenant keeps at most ${MAX_RECORDINGS} recordings of ${MAX_TENANT_BYTES / 2 ** 20} MiB together.`,
        'Delete one, or wait until one expires.',
      );
    const view: RecordingView = {
      ...{ id, kind: header.kind, source: header.source, createdAt: header.createdAt, expiresAt },
      durationSeconds: header.durationSeconds,
      intervalSeconds: header.intervalSeconds,
      hosts: header.hosts.length,
      ...{ points: header.points, series: header.series, bytes: content.length },
    };
    await this.bucket.put(nameOf(tenant, id), content, { [DESCRIPTION]: JSON.stringify(view) });
    return view;
  }

  private isOver(view: RecordingView | undefined): boolean {
    return view !== undefined && Date.parse(view.expiresAt) <= this.clock.now();
  }
}

/** Neither a tenant nor an id holds a slash. */
function nameOf(tenant: TenantId, id: string): string {
  return `${tenant}/${id}`;
}

/** What is described otherwise was not written by us. */
function viewOf({ metadata }: StoredObject): RecordingView | undefined {
  try {
    return recordingSchema.parse(JSON.parse(metadata[DESCRIPTION] ?? ''));
  } catch {
    return undefined;
  }
}

function notFound(id: string): ReturnType<typeof refusal> {
  return refusal(
    'recording-not-found',
    `There is no recording ${id}; it may have expired.`,
    'See GET /recordings.',
  );
}
