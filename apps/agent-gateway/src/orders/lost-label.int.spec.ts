import { hostDecider } from '#lib/domain';
import type { AggregateId, HostId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { eventsOfHost, phaseOf, startExperiment, stopExperiment } from '../testing/experiments.js';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { PlayedHost } from '../testing/played-host.js';

const yaml = `receivers:
  hostmetrics: {collection_interval: 10s, scrapers: {load: {}}}
processors:
  resource: {attributes: [{key: role, value: "{{ .host.labels.role }}", action: upsert}]}
exporters:
  otlphttp: {endpoint: "https://otlp.example.com"}
service:
  pipelines:
    metrics: {receivers: [hostmetrics], processors: [resource], exporters: [otlphttp]}
`;

describe('a label that is taken from a host whose pipeline needs it', () => {
  let house: GatewayHouse;
  let bare: PlayedHost;
  let other: PlayedHost;
  let labelled = 0;

  beforeAll(async () => {
    house = await GatewayHouse.open(2);
    bare = await PlayedHost.connect(house, await house.enrolled('web-1'));
    other = await PlayedHost.connect(house, await house.enrolled('web-2'));
  });

  afterAll(async () => {
    await Promise.all([bare.stop(), other.stop()]);
    await house.close();
  });

  const label = async (host: HostId, labels: Readonly<Record<string, string>>) => {
    await new CommandHandler(new JetStreamEventStore(house.services), systemClock).handle(
      hostDecider,
      { tenant, aggregate: 'host', id: host as string as AggregateId },
      { type: 'LabelHost', at: systemClock.iso(), labels },
      { commandId: commandIdFrom('label', String((labelled += 1))), actor: { kind: 'user', id: 'u1' } },
    );
  };
  const failuresOf = async (host: HostId) =>
    (await eventsOfHost(house, host)).filter((type) => type === 'HostConfigurationFailed');
  /** Each runs the newest order that it has. */
  const obeying = async (host: PlayedHost, since: number) => {
    await eventually(() => {
      host.beat(host.orders.at(-1)?.generation);
      expect(host.orders.length).toBeGreaterThan(since);
    });
    await host.report(host.orders.at(-1)!, 'effective');
    await eventually(async () =>
      expect((await eventsOfHost(house, host.id)).at(-1)).toBe('HostConfigurationApplied'),
    );
  };

  it('fails that host, by name and once, and leaves it and the others with what they run', async () => {
    await startExperiment(house, 'e1', [bare.id, other.id], { content: { yaml } });
    await obeying(bare, 0);
    await obeying(other, 0);
    const before = [bare.orders.length, other.orders.length];
    await label(bare.id, { tier: '1' });
    await eventually(async () => expect(await failuresOf(bare.id)).toHaveLength(1));
    await label(bare.id, { tier: '2' });
    await bare.heardAll(house);
    await other.heardAll(house);
    expect([bare.orders.length, other.orders.length]).toEqual(before);
    expect([await failuresOf(bare.id), await failuresOf(other.id)]).toEqual([
      ['HostConfigurationFailed'],
      [],
    ]);
    expect(await reasonOf(bare.id)).toBe(
      'Its pipelines cannot be rendered: processors.resource.attributes.0.value: The host has no label role.',
    );
  });

  it('does not hold up the end of the experiment on the others', async () => {
    const since = other.orders.length;
    await stopExperiment(house, 'e1');
    await obeying(other, since);
    await eventually(async () => {
      bare.beat(1);
      other.beat(other.orders.at(-1)?.generation);
      expect(await phaseOf(house, 'e1')).toBe('stopped');
    });
  });

  it('is mended when the label is back: the host gets what it missed, and is well again', async () => {
    const since = bare.orders.length;
    await label(bare.id, { role: 'web' });
    await obeying(bare, since);
    expect(bare.orders.at(-1)?.collectors.map(({ variant }) => variant)).toEqual(['baseline']);
  });

  async function reasonOf(host: HostId): Promise<string | undefined> {
    const ref = { tenant, aggregate: 'host', id: host as string as AggregateId } as const;
    const commits = await new JetStreamEventStore(house.services).load(ref);
    return commits
      .flatMap(({ events }) => events)
      .flatMap((event) => (event.type === 'HostConfigurationFailed' ? [event.data.reason] : []))
      .at(-1);
  }
});
