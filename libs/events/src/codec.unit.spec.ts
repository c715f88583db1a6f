import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { aggregateNames, catalogue, CodecError, decodeCommit, encodeCommit, position } from './index.js';
import type { Commit, EventDefinition } from './index.js';

const goldenFolder = new URL('../golden/', import.meta.url);
const encoder = new TextEncoder();

interface Golden {
  readonly aggregate: string;
  readonly type: string;
  readonly v: number;
  readonly data: unknown;
}
const goldens = readdirSync(goldenFolder).map(
  (file) => JSON.parse(readFileSync(new URL(file, goldenFolder), 'utf8')) as Golden,
);

const envelope = (aggregate: string, event: unknown) => ({
  v: 1,
  tenant: 'acme',
  aggregate,
  id: 'a1',
  commandId: 'c1',
  actor: { kind: 'user', id: 'u1' },
  at: '2026-01-02T03:04:05.000Z',
  events: [event],
});
const bytesOf = (value: unknown) => encoder.encode(JSON.stringify(value));
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof CodecError ? error.code : 'another error';
  }
};

describe('the commit codec', () => {
  it.each(goldens)('still reads $aggregate $type v$v', ({ aggregate, type, v, data }) => {
    const commit = decodeCommit(bytesOf(envelope(aggregate, { type, v, data })), position(7));
    expect(commit.events[0]?.type).toBe(type);
    expect(commit.position).toBe(7);
  });

  it('has a golden sample of every version of every event', () => {
    const wanted = aggregateNames.flatMap((aggregate) =>
      Object.values<EventDefinition>(catalogue[aggregate]).flatMap(({ type, version }) =>
        Array.from({ length: version }, (_, i) => `${aggregate}.${type}.v${i + 1}`),
      ),
    );
    const covered = new Set(goldens.map((g) => `${g.aggregate}.${g.type}.v${g.v}`));
    expect([...covered].sort()).toEqual(wanted.sort());
  });

  it('reads what was stored before a field was there as what it meant then', () => {
    const dataOf = (type: string, data: object) =>
      decodeCommit(bytesOf(envelope('experiment', { type, v: 1, data })), position(7)).events[0]?.data;
    const before = { at: '2026-01-02T03:04:05.000Z', reason: 'enough' };
    expect(dataOf('ExperimentStopRequested', before)).toEqual({ ...before, mode: 'graceful' });
    expect(dataOf('ExperimentPaused', before)).toEqual({ ...before, mode: 'graceful' });
    const instant = { ...before, mode: 'instant' };
    expect(dataOf('ExperimentStopRequested', instant)).toEqual(instant);
    expect(codeOf(() => dataOf('ExperimentPaused', { ...before, mode: 'soon' }))).toBe('bad-event-data');
  });

  it('writes and reads back the same commit', () => {
    for (const { aggregate, type, v, data } of goldens) {
      const commit = decodeCommit(bytesOf(envelope(aggregate, { type, v, data })), position(3));
      expect(decodeCommit(encodeCommit(commit), commit.position)).toEqual(commit);
    }
  });

  it('names what is wrong with a commit that it cannot read', () => {
    const good = goldens.find((g) => g.type === 'PipelineDeprecated')!;
    const read = (value: unknown) => codeOf(() => decodeCommit(bytesOf(value), position(1)));
    expect(codeOf(() => decodeCommit(encoder.encode('{"v":'), position(1)))).toBe('not-json');
    expect(codeOf(() => decodeCommit(new Uint8Array([0xff, 0xfe]), position(1)))).toBe('not-json');
    expect(read({ ...envelope('pipeline', good), v: 2 })).toBe('bad-envelope');
    expect(read({ ...envelope('pipeline', good), events: [] })).toBe('bad-envelope');
    expect(read(envelope('planet', good))).toBe('bad-envelope');
    expect(read(envelope('pipeline', { ...good, type: 'PipelinePainted' }))).toBe('unknown-event');
    expect(read(envelope('pipeline', { ...good, type: 'toString' }))).toBe('unknown-event');
    expect(read(envelope('pipeline', { ...good, v: 99 }))).toBe('future-version');
    expect(read(envelope('pipeline', { ...good, data: { at: 'yesterday' } }))).toBe('bad-event-data');
  });

  it('refuses to write an event that breaks its own schema', () => {
    const commit = {
      ...envelope('pipeline', undefined),
      events: [{ type: 'PipelineDeprecated', data: { at: 'now' } }],
    } as unknown as Commit;
    expect(codeOf(() => encodeCommit(commit))).toBe('bad-event-data');
  });

  it('never throws anything but a CodecError, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((t) => encoder.encode(t)),
        ),
        (bytes) => {
          expect(codeOf(() => decodeCommit(bytes, position(1)))).not.toBe('another error');
        },
      ),
    );
  });
});
