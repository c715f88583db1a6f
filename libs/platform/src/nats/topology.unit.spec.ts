import { streams, type StreamDefinition } from '#lib/events';
import { requireVersion } from './topology.js';
import { differencesOf, ownedConfig } from './topology-difference.js';

const [events] = streams as readonly [StreamDefinition];
const metrics = streams.find(({ name }) => name === 'METRICS')!;
const harmOf = (definition: StreamDefinition, found: object) =>
  differencesOf(definition, { ...ownedConfig(definition), ...found }).map(({ field, destructive }) => [
    field,
    destructive,
  ]);

describe('the server version', () => {
  it.each(['2.12.0', '2.12.2', '2.12.0-RC.1', '2.15.1', '3.0.0'])('%s is new enough', (version) => {
    expect(() => requireVersion(version)).not.toThrow();
  });

  it.each(['2.9.10', '2.11.14', '1.99.99', '0.0.0'])('%s is refused', (version) => {
    expect(() => requireVersion(version)).toThrow(
      `server-too-old: nats-server ${version} drops options without a word; use 2.12.0 or newer.`,
    );
  });
});

describe('a stream compared with its definition', () => {
  it.each(streams.map((stream) => [stream.name, stream] as const))('%s is like itself', (_, stream) => {
    expect(differencesOf(stream, ownedConfig(stream))).toEqual([]);
  });

  it('differs where an option was dropped by the server', () => {
    expect(
      differencesOf(metrics, { ...ownedConfig(metrics), subject_transform: { src: 'a', dest: 'b' } }),
    ).toEqual([
      expect.objectContaining({ stream: 'METRICS', field: 'subject_transform', destructive: true }),
    ]);
    const { deny_delete: _, ...dropped } = ownedConfig(events);
    expect(differencesOf(events, dropped)).toMatchObject([
      { field: 'deny_delete', expected: true, found: undefined },
    ]);
  });

  it('may be given more room, and takes other subjects besides', () => {
    expect(harmOf(metrics, { max_bytes: 1000, max_age: 1 })).toEqual([
      ['max_age', false],
      ['max_bytes', false],
    ]);
    expect(harmOf(events, { subjects: [] })).toEqual([['subjects', false]]);
  });

  it('is not given less room, other storage or fewer subjects without a person', () => {
    expect(harmOf(metrics, { max_bytes: -1, max_age: 0 })).toEqual([
      ['max_age', true],
      ['max_bytes', true],
    ]);
    expect(harmOf(events, { retention: 'workqueue', storage: 'memory' })).toEqual([
      ['retention', true],
      ['storage', true],
    ]);
    expect(harmOf(events, { subjects: ['evt.*.*.*', 'old.>'] })).toEqual([['subjects', true]]);
  });
});
