import type { Variant } from '#lib/events';
import type { WindowMessage } from '#lib/metering';

/** The newest window of a host, as far as the clock and the blocks ask for it. Times in ms since the epoch. */
export type Sighting = {
  readonly start: number;
  readonly end: number;
  readonly experimentId: string | null;
  readonly collectors: readonly SeenCollector[];
};

type SeenCollector = {
  readonly variant: Variant;
  readonly configHash: string;
  readonly coveredSeconds: number;
};

/** What hosts showed last. Filled from stored windows only, so that a restart knows the same. */
export class Sightings {
  private readonly newest = new Map<string, Sighting>();

  of(tenant: string, host: string): Sighting | undefined {
    return this.newest.get(`${tenant} ${host}`);
  }

  note(tenant: string, message: WindowMessage, experimentId: string | null): void {
    const key = `${tenant} ${message.host}`;
    const known = this.newest.get(key);
    if (known === undefined || known.start <= message.start)
      this.newest.set(key, sightingOf(message, experimentId));
  }
}

function sightingOf({ start, seconds, collectors }: WindowMessage, experimentId: string | null): Sighting {
  return {
    start,
    end: start + seconds * 1000,
    experimentId,
    collectors: collectors.map(({ variant, configHash, coveredFrom, coveredTo }) => ({
      variant,
      configHash,
      coveredSeconds: (coveredTo - coveredFrom) / 1000,
    })),
  };
}
