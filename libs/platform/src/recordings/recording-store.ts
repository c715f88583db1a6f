import { RECORDINGS_BUCKET, type TenantId } from '#lib/events';
import type { Clock } from '../lifecycle/clock.js';
import type { Nats } from '../nats/nats.js';
import { ObjectBucket, type StoredObject } from '../nats/object-bucket.js';
import { recordingSchema, type RecordingView } from './recording-view.js';

/** What one tenant may keep at a time. */
export const MAX_RECORDINGS = 20;
export const MAX_TENANT_BYTES = 128 * 1024 * 1024;

const DESCRIPTION = 'recording';

/**
 * Recordings of all tenants in one bucket, each under its tenant's name. Another tenant's is not found, like one that
 * never was. An expired one is not found either, and goes when its tenant's recordings are next looked through; what
 * nobody looks at goes with the age limit of the stream.
 */
export class RecordingStore {
  private readonly bucket: ObjectBucket;
  /** One tenant's writes of this app follow each other, so that two cannot both take the last place. */
  private readonly writing = new Map<TenantId, Promise<unknown>>();

  constructor(
    nats: Nats,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.bucket = new ObjectBucket(nats, RECORDINGS_BUCKET);
  }

  /** Keeps one; undefined where the tenant has no room. One that is there already under its id stays as it is. */
  async save(tenant: TenantId, view: RecordingView, content: Uint8Array): Promise<RecordingView | undefined> {
    const before = this.writing.get(tenant) ?? Promise.resolve();
    const now = before.catch(() => undefined).then(() => this.write(tenant, view, content));
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

  async find(tenant: TenantId, id: string): Promise<RecordingView | undefined> {
    const found = await this.bucket.describe(nameOf(tenant, id));
    const view = found && viewOf(found);
    return this.isOver(view) ? undefined : view;
  }

  /** Its bytes. */
  async read(tenant: TenantId, id: string): Promise<Uint8Array | undefined> {
    if ((await this.find(tenant, id)) === undefined) return undefined;
    return this.bucket.get(nameOf(tenant, id));
  }

  /** What it was; undefined where there is none. */
  async remove(tenant: TenantId, id: string): Promise<RecordingView | undefined> {
    const view = await this.find(tenant, id);
    if (view !== undefined) await this.bucket.remove(nameOf(tenant, id));
    return view;
  }

  private async write(
    tenant: TenantId,
    view: RecordingView,
    content: Uint8Array,
  ): Promise<RecordingView | undefined> {
    const kept = await this.list(tenant);
    const repeated = kept.find(({ id }) => id === view.id);
    if (repeated !== undefined) return repeated;
    const bytes = kept.reduce((sum, one) => sum + one.bytes, content.length);
    if (kept.length >= MAX_RECORDINGS || bytes > MAX_TENANT_BYTES) return undefined;
    await this.bucket.put(nameOf(tenant, view.id), content, { [DESCRIPTION]: JSON.stringify(view) });
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
