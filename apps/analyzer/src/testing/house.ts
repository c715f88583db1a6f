import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataSource, metricCursor } from '#lib/database';
import { experimentDecider, type ExperimentCommand, type ExperimentState } from '#lib/domain';
import { streams, type AggregateId, type StoredCommit, type TenantId } from '#lib/events';
import {
  applyTopology,
  CommandHandler,
  commandIdFrom,
  createApp,
  JetStreamEventStore,
  mintServiceCreds,
  type Nats,
} from '#lib/platform';
import { connectTestNats, eventually, type TestClock } from '#lib/platform-testing';
import { startTestParts } from '#tools/embedded';
import { AnalyzerModule } from '../analyzer.module.js';

/** Sleepers of an idle analyzer: the experiment clock and the broom for old windows. */
const IDLE_SLEEPERS = 2;
const MOST_TICKS = 7;

/** Real NATS and Postgres with all streams and tables, and analyzers that live by a test's clock. */
export async function startHouse() {
  const parts = await startTestParts({ hub: true, postgres: true });
  const source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
  await source.synchronize();
  const nats = await connectTestNats(parts.hub, parts.dir);
  await applyTopology(nats, streams);
  const natsCreds = join(parts.dir, 'analyzer.creds');
  const { creds } = await mintServiceCreds(parts.hub.security, 'analyzer');
  await writeFile(natsCreds, creds, { mode: 0o600 });

  const analyzers: { close(): Promise<void> }[] = [];
  const startAnalyzer = async (clock: TestClock) => {
    const analyzer = await createApp(
      AnalyzerModule.forRoot(
        {
          ...{ httpHost: '127.0.0.1', httpPort: 1, logLevel: 'fatal' },
          ...{ natsUrl: parts.hub.url, natsCreds, databaseUrl: parts.postgres.url },
        },
        clock,
      ),
      { port: 0, host: '127.0.0.1' },
    );
    analyzers.push(analyzer);
    return analyzer;
  };
  /** Waits until everything up to a sequence of METRICS is in the rows. */
  const stored = (sequence: number): Promise<void> =>
    eventually(async () => {
      const row = await source.getRepository(metricCursor).findOneBy({ shard: 0 });
      return (row?.seq ?? 0) >= sequence;
    }, `windows up to ${sequence} are stored`);
  const stop = async (): Promise<void> => {
    // A test that failed has left its analyzer; closing one twice is harmless.
    await Promise.all(analyzers.map((analyzer) => analyzer.close()));
    await nats.drain();
    await source.destroy();
    await parts.stop();
  };
  return { source, nats, startAnalyzer, stored, stop };
}
export type House = Awaited<ReturnType<typeof startHouse>>;

/** Commands for one experiment, and what has become of it. */
export class TestExperiment {
  private readonly store: JetStreamEventStore;
  private readonly handler: CommandHandler;
  private commands = 0;

  constructor(
    nats: Nats,
    private readonly clock: TestClock,
    readonly tenant: TenantId,
    readonly id: AggregateId,
  ) {
    this.store = new JetStreamEventStore(nats);
    this.handler = new CommandHandler(this.store, clock);
  }

  async send(command: ExperimentCommand): Promise<void> {
    this.commands += 1;
    await this.handler.handle(experimentDecider, this.ref(), command, {
      commandId: commandIdFrom('test', this.tenant, this.id, String(this.commands)),
      actor: { kind: 'user', id: 'tester' },
    });
  }

  async state(): Promise<ExperimentState> {
    const commits = await this.store.load(this.ref());
    const events = commits.flatMap((commit) => (commit as StoredCommit<'experiment'>).events);
    return events.reduce(experimentDecider.evolve, experimentDecider.initialState());
  }

  /** Waits until the analyzer sleeps, then moves the clock. */
  async pass(ms: number): Promise<void> {
    await eventually(() => this.clock.sleeping >= IDLE_SLEEPERS, 'the analyzer waits for its next tick');
    await this.clock.advance(ms);
  }

  /** Lets the analyzer tick until a phase is reached, for a few seconds of its clock at most. */
  async reaches(phase: ExperimentState['phase']): Promise<ExperimentState> {
    await this.until(async () => (await this.state()).phase === phase, `${this.id} is ${phase}`);
    return this.state();
  }

  /** Lets the analyzer tick until a condition holds. What it hears from the bus may take a tick more or less. */
  async until(condition: () => Promise<boolean>, what: string): Promise<void> {
    for (let ticks = 0; ticks <= MOST_TICKS; ticks += 1) {
      if (await condition()) return;
      await this.pass(1_000);
      await eventually(() => this.clock.sleeping >= IDLE_SLEEPERS, 'the tick has ended');
    }
    throw new Error(`not within ${MOST_TICKS} ticks: ${what}`);
  }

  private ref() {
    return { tenant: this.tenant, aggregate: 'experiment', id: this.id } as const;
  }
}
