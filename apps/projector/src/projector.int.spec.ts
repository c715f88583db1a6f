import { connect, credsAuthenticator, type NatsConnection } from 'nats';
import { experimentHistory, experimentView } from '#lib/database';
import { NO_POSITION, type CommandId, type Commit, type Position } from '#lib/events';
import { eventually } from '#lib/platform-testing';
import { rebuild } from './rebuild/rebuild.command.js';
import { drafted, measurement, spec, started, warmup } from './shared/testing/experiment-events.js';
import { commitsOf } from './shared/testing/given.js';
import { startProjector, type RunningProjector } from './shared/testing/running-projector.js';

const encoder = new TextEncoder();

describe('the projector', () => {
  let projector: RunningProjector;
  /** An integrator with the classic client, which knows nothing of ours but the credentials. */
  let integrator: NatsConnection;

  beforeAll(async () => {
    projector = await startProjector();
    const { config, creds } = projector;
    const authenticator = credsAuthenticator(encoder.encode(creds));
    integrator = await connect({ servers: config.natsUrl, authenticator });
  });
  afterAll(async () => {
    await integrator.close();
    await projector.stop();
  });

  /** Stores commits of one experiment, in order. @returns the position of the last */
  const given = async (id: string, ...events: readonly (typeof drafted)[]): Promise<Position> => {
    let last = NO_POSITION;
    for (const [n, commit] of commitsOf('experiment', ...events.map((event) => [event])).entries()) {
      const commandId = `${id}-${n}` as CommandId;
      const renamed = { ...commit, id, commandId } as unknown as Commit;
      last = (await projector.store.append(renamed, last)).position;
    }
    return last;
  };
  const rowsOf = async () => ({
    views: await projector.source.getRepository(experimentView).find({ order: { id: 'ASC' } }),
    history: await projector.source
      .getRepository(experimentHistory)
      .find({ order: { position: 'ASC', ordinal: 'ASC' } }),
  });
  const publicCheckpoint = async (): Promise<number> => {
    const [row] = await projector.source.query<{ position: string }[]>(
      `SELECT position FROM projection_checkpoint WHERE projection = 'public-events'`,
    );
    return Number(row?.position ?? 0);
  };
  const published = async (): Promise<number> => {
    const manager = await integrator.jetstreamManager();
    return (await manager.streams.info('PUBLIC')).state.messages;
  };

  it('turns commits into rows, and rings the feed after they stand', async () => {
    const bell = integrator.subscribe('feed.default.experiments', { max: 1 });
    await integrator.flush();
    const at = await given('e1', drafted, started, warmup, measurement);
    for await (const ring of bell) expect(ring.json()).toEqual({ position: expect.any(Number) as number });
    expect(await projector.reached('experiments', at)).toBe(true);
    const { views, history } = await rowsOf();
    expect(views).toMatchObject([{ id: 'e1', phase: 'running', position: at, hosts: ['h1'] }]);
    expect(history.map(({ type }) => type)).toEqual([
      'ExperimentDrafted',
      'ExperimentStarted',
      'ExperimentWarmupBegan',
      'ExperimentMeasurementBegan',
    ]);
  });

  it('publishes ExperimentStarted as a CloudEvent that an independent client reads', async () => {
    const at = await given('e2', drafted, started);
    await eventually(async () => (await publicCheckpoint()) >= at, 'everything is published');
    const consumer = await integrator
      .jetstream()
      .consumers.get('PUBLIC', { filterSubjects: 'pub.default.experiment.ExperimentStarted' });
    const subjects: string[] = [];
    const events: unknown[] = [];
    for await (const message of await consumer.fetch({ max_messages: 2, expires: 5_000 })) {
      subjects.push(message.subject);
      events.push(message.json());
    }
    expect(new Set(subjects)).toEqual(new Set(['pub.default.experiment.ExperimentStarted']));
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject({
      specversion: '1.0',
      id: `${at}-0`,
      source: '/tenants/default/experiments',
      type: 'phoenix.ExperimentStarted',
      subject: 'e2',
      data: { hosts: ['h1'] },
    });
  });

  it('changes no row and publishes nothing anew when its checkpoints fall back', async () => {
    const at = await given('e3', drafted, started);
    await projector.reached('experiments', at);
    await eventually(async () => (await publicCheckpoint()) >= at, 'everything is published');
    const before = { rows: await rowsOf(), messages: await published() };
    await projector.source.query('UPDATE projection_checkpoint SET position = 0, epoch = epoch + 1');
    const next = await given('e4', drafted);
    await projector.reached('experiments', next);
    await eventually(async () => (await publicCheckpoint()) >= next, 'everything is published again');
    const after = { rows: await rowsOf(), messages: await published() };
    expect(after.messages).toBe(before.messages + 1);
    expect(after.rows.views.filter(({ id }) => id !== 'e4')).toEqual(before.rows.views);
    expect(after.rows.history.slice(0, -1)).toEqual(before.rows.history);
  });

  it('rebuilds a view to the same rows while it runs', async () => {
    const at = await given('e5', drafted, started);
    await projector.reached('experiments', at);
    const before = await rowsOf();
    expect(await rebuild(projector.config, 'experiments')).toMatch(
      /^rebuilt experiments up to position \d+$/,
    );
    expect(await rowsOf()).toEqual(before);
    const later = await given('e6', drafted);
    expect(await projector.reached('experiments', later)).toBe(true);
    await expect(rebuild(projector.config, 'planets')).rejects.toThrow(
      'there are: experiments, pipelines, hosts',
    );
  });

  it('is ready and shows its lag, until an aggregate is parked', async () => {
    await eventually(async () => (await projector.get('/health/ready')).status === 200, 'it is ready');
    const { sequence } = await projector.nats.publisher.publish(
      'evt.default.host.h1',
      encoder.encode('{"v":'),
    );
    await projector.reached('hosts', sequence as Position);
    const ready = await projector.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('hosts has parked 1 aggregates: evt.default.host.h1');
    const metrics = async () => (await projector.get('/metrics')).text();
    await eventually(
      async () => /phoenix_parked_aggregates\{[^}]*projection="hosts"[^}]*\} 1/.test(await metrics()),
      'the parked aggregate is counted',
    );
    expect(await metrics()).toMatch(/phoenix_lag_commits\{[^}]*reader="experiments"[^}]*\} 0/);
    expect(await rebuild(projector.config, 'hosts')).toContain('parked again: evt.default.host.h1');
    const at = await given('e7', drafted);
    expect(await projector.reached('experiments', at)).toBe(true);
  });

  it('parks the one experiment that Postgres refuses, with neither row nor history of it, among those it takes', async () => {
    const nul = {
      type: 'ExperimentDrafted',
      data: { at: drafted.data.at, spec: { ...spec, name: 'a\0b' } },
    } as const;
    await given('e8', drafted);
    await given('e9', nul);
    const at = await given('e10', drafted);
    expect(await projector.reached('experiments', at)).toBe(true);
    const { views, history } = await rowsOf();
    const among = (ids: readonly string[]) => ids.filter((id) => ['e8', 'e9', 'e10'].includes(id)).sort();
    expect(among(views.map(({ id }) => id))).toEqual(['e10', 'e8']);
    expect(among(history.map(({ experimentId }) => experimentId))).toEqual(['e10', 'e8']);
    const parked = await projector.source.query<object[]>(
      `SELECT subject, code FROM parked_aggregate WHERE projection = 'experiments'`,
    );
    expect(parked).toEqual([{ subject: 'evt.default.experiment.e9', code: 'rejected-by-database' }]);
  });
});
