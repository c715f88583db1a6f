import { Injectable } from '@nestjs/common';
import type { TenantId } from '#lib/events';
import type { MetricsData } from '#lib/otlp';
import { PreviewWorkers } from '../shared/recordings/preview-workers.js';
import { RecordingStore } from '../shared/recordings/recording-store.js';

/** What filters are tried on. */
@Injectable()
export class Samples {
  constructor(
    private readonly store: RecordingStore,
    private readonly workers: PreviewWorkers,
  ) {}

  /**
   * A part of a recording; undefined where none is named.
   * @throws ProblemError `recording-not-found`, `recording-damaged`, `too-many-previews`
   */
  async of(tenant: TenantId, recording: string | undefined): Promise<MetricsData | undefined> {
    if (recording === undefined) return undefined;
    return this.workers.sample(await this.store.read(tenant, recording));
  }
}
