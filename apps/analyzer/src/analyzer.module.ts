import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DATA_SOURCE, DatabaseModule } from '#lib/database';
import { subjects } from '#lib/events';
import {
  CLOCK,
  COMMAND_HANDLER,
  EVENT_STORE,
  LOGGER,
  METRICS,
  NATS,
  PlatformModule,
  type Clock,
  type EventStore,
  type HandlesCommands,
  type Logger,
  type Metrics,
  type Nats,
} from '#lib/platform';
import { ANALYZER_PARTS, AnalyzerLoops, type AnalyzerParts } from './analyzer-loops.js';
import type { AnalyzerConfig } from './analyzer.config.js';
import { BlockMaker } from './blocks/block-maker.js';
import { BlockStore } from './blocks/block-store.js';
import { ExperimentClock } from './experiment-clock/experiment-clock.js';
import type { Database } from './shared/database.js';
import { ExperimentBook, type ExperimentKey } from './shared/experiment-book.js';
import type { Log } from './shared/log.js';
import { orderedHashes } from './shared/ordered-hashes.js';
import { Sightings } from './shared/sightings.js';
import { verdictOn } from './verdicts/verdict-on.js';
import { metricsHead } from './windows/metrics-head.js';
import { WindowIngest } from './windows/window-ingest.js';
import { WindowStore } from './windows/window-store.js';

/** The one place where the analyzer's parts are put together. */
@Module({})
export class AnalyzerModule {
  static forRoot(config: AnalyzerConfig, clock?: Clock): DynamicModule {
    const platform = PlatformModule.forRoot({
      app: 'analyzer',
      natsUrl: config.natsUrl,
      natsCredsFile: config.natsCreds,
      logLevel: config.logLevel,
      ...(clock === undefined ? {} : { clock }),
    });
    return {
      module: AnalyzerModule,
      imports: [platform, DatabaseModule.forRoot(config.databaseUrl)],
      providers: [outside, parts, AnalyzerLoops],
    };
  }
}

/** What the parts need from outside, as the platform provides it. */
interface Outside {
  readonly nats: Nats;
  readonly store: EventStore;
  readonly commands: HandlesCommands;
  readonly source: Database;
  readonly clock: Clock;
  readonly log: Log;
}
const OUTSIDE = Symbol('OUTSIDE');

const outside: Provider = {
  provide: OUTSIDE,
  useFactory: (
    nats: Nats,
    store: EventStore,
    commands: HandlesCommands,
    source: Database,
    clock: Clock,
    logger: Logger,
  ): Outside => ({
    ...{ nats, store, commands, source, clock },
    log: { warn: (line, fields) => logger.warn(fields, line) },
  }),
  inject: [NATS, EVENT_STORE, COMMAND_HANDLER, DATA_SOURCE, CLOCK, LOGGER],
};

const parts: Provider = {
  provide: ANALYZER_PARTS,
  useFactory: (from: Outside, metrics: Metrics): AnalyzerParts => {
    const { nats, commands, source, clock, log } = from;
    const book = new ExperimentBook(from.store, log);
    const sightings = new Sightings();
    const store = new WindowStore(source);
    const blocks = blockMaker(from, sightings, metrics);
    const ingest = windowIngest({ from, store, sightings, blocks }, metrics);
    const experimentClock = new ExperimentClock({
      ...{ book, sightings, commands, clock, log },
      orderedHashes: (experiment) => orderedHashes(source, experiment),
      newestMetric: () => metricsHead(nats),
      storedMetric: () => ingest.position,
      verdictAt: async (experiment, end) =>
        verdictOn(experiment, await blocks.finish(experiment, end), await orderedHashes(source, experiment)),
    });
    return { book, ingest, store, blocks, experimentClock };
  },
  inject: [OUTSIDE, METRICS],
};

function blockMaker({ nats, source, clock }: Outside, sightings: Sightings, metrics: Metrics): BlockMaker {
  const made = new Counter({
    name: 'phoenix_blocks_total',
    help: 'Blocks that were made, those made anew included.',
    registers: [metrics.registry],
  });
  const onChanged = ({ tenant, id }: ExperimentKey, count: number): void => {
    made.inc(count);
    const bell = new TextEncoder().encode(JSON.stringify({ tenant, view: 'kpis', key: id }));
    // A lost doorbell is harmless: feeds look for changes by themselves.
    if (nats.connected) nats.send(subjects.feed(tenant, 'kpis'), bell);
  };
  return new BlockMaker({ store: new BlockStore(source), sightings, clock, onChanged });
}

function windowIngest(
  {
    from: { clock, log },
    store,
    sightings,
    blocks,
  }: {
    readonly from: Outside;
    readonly store: WindowStore;
    readonly sightings: Sightings;
    readonly blocks: BlockMaker;
  },
  metrics: Metrics,
): WindowIngest {
  const windows = new Counter({
    name: 'phoenix_windows_total',
    help: 'Messages of METRICS by what became of them.',
    labelNames: ['outcome'] as const,
    registers: [metrics.registry],
  });
  return new WindowIngest({
    ...{ store, clock, log },
    count: (outcome, messages) => windows.inc({ outcome }, messages),
    onStored: ({ row: { tenant, host, experimentId }, message }) => {
      sightings.note(tenant, message, experimentId);
      if (experimentId !== null) blocks.arrived({ tenant, id: experimentId, host, start: message.start });
    },
  });
}
