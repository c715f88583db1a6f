import { Inject, Injectable } from '@nestjs/common';
import type { TenantId } from '#lib/events';
import { recordingFacts } from '#lib/pipelines';
import {
  CLOCK,
  MAX_RECORDINGS,
  MAX_TENANT_BYTES,
  NATS,
  RecordingStore as Store,
  type Clock,
  type Nats,
  type RecordingView,
} from '#lib/platform';
import { refusal } from '../http/edge-error.js';
import type { PackedRecording } from './worker.js';

/** The recordings of tenants; what cannot be is refused in the words of the API. */
@Injectable()
export class RecordingStore {
  private readonly store: Store;

  constructor(@Inject(NATS) nats: Nats, @Inject(CLOCK) clock: Clock) {
    this.store = new Store(nats, clock);
  }

  /** @throws ProblemError `recordings-full` */
  async save(
    tenant: TenantId,
    id: string,
    { content, header }: PackedRecording,
    expiresAt: string,
  ): Promise<RecordingView> {
    const view = { id, ...recordingFacts(header), expiresAt, bytes: content.length };
    const saved = await this.store.save(tenant, view, content);
    if (saved !== undefined) return saved;
    throw refusal(
      'recordings-full',
      `A tenant keeps at most ${MAX_RECORDINGS} recordings of ${MAX_TENANT_BYTES / 2 ** 20} MiB together.`,
      'Delete one, or wait until one expires.',
    );
  }

  /** Of one tenant, newest first. */
  list(tenant: TenantId): Promise<readonly RecordingView[]> {
    return this.store.list(tenant);
  }

  /** @throws ProblemError `recording-not-found` */
  async show(tenant: TenantId, id: string): Promise<RecordingView> {
    return required(id, await this.store.find(tenant, id));
  }

  /** Its bytes. @throws ProblemError `recording-not-found` */
  async read(tenant: TenantId, id: string): Promise<Uint8Array> {
    return required(id, await this.store.read(tenant, id));
  }

  /** @throws ProblemError `recording-not-found` */
  async remove(tenant: TenantId, id: string): Promise<RecordingView> {
    return required(id, await this.store.remove(tenant, id));
  }
}

function required<T>(id: string, found: T | undefined): T {
  if (found !== undefined) return found;
  throw refusal(
    'recording-not-found',
    `There is no recording ${id}; it may have expired.`,
    'See GET /recordings.',
  );
}
