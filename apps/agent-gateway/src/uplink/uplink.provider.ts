import type { Provider } from '@nestjs/common';
import { DATA_SOURCE, RecordingParts, UplinkStore } from '#lib/database';
import {
  CLOCK,
  COMMAND_HANDLER,
  NATS,
  RecordingStore,
  type Clock,
  type HandlesCommands,
  type Nats,
} from '#lib/platform';
import { HostLimits } from '../shared/host-limits.js';
import { RecordingArrivals } from './recording-arrivals.js';
import { UplinkIngest } from './uplink-ingest.js';
import { UplinkReader } from './uplink-reader.js';

type DataSource = ConstructorParameters<typeof UplinkStore>[0];

/** The reader of UPLINK over the gateway's tables. */
export const uplinkReader: Provider = {
  provide: UplinkReader,
  useFactory: (
    nats: Nats,
    source: DataSource,
    commands: HandlesCommands,
    clock: Clock,
    limits: HostLimits,
    arrivals: RecordingArrivals,
  ) => {
    const place = new UplinkStore(source, () => clock.iso());
    const ingest = new UplinkIngest(place, commands, limits, arrivals);
    return new UplinkReader({ nats, clock, place, ingest, log: limits });
  },
  inject: [NATS, DATA_SOURCE, COMMAND_HANDLER, CLOCK, HostLimits, RecordingArrivals],
};

/** Recordings of hosts, from their parts to the store. */
export const recordingArrivals: Provider = {
  provide: RecordingArrivals,
  useFactory: (nats: Nats, source: DataSource, clock: Clock) =>
    new RecordingArrivals({
      parts: new RecordingParts(source),
      store: new RecordingStore(nats, clock),
      clock,
    }),
  inject: [NATS, DATA_SOURCE, CLOCK],
};
