import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Clock, Logger, Shutdown } from '#lib/platform';
import type { RotationDesk } from './rotation-desk.js';

const SWEEP_MS = 1_000;

/** Keeps rotations going for as long as the gateway runs. */
export class RotationLoop implements OnApplicationBootstrap {
  constructor(
    private readonly desk: RotationDesk,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    const ticker = this.clock.every(
      SWEEP_MS,
      () => this.desk.sweep(),
      (error) => this.logger.warn({ err: error, task: 'rotations' }, 'task failed, it runs again'),
    );
    this.shutdown.on('stop-intake', 'rotations', () => ticker.stop());
    this.shutdown.on('finish-in-flight', 'rotations', () => this.desk.whenIdle());
  }
}
