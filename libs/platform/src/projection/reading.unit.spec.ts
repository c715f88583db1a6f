import { encodeCommit, position, subjects } from '#lib/events';
import { pipelineRef, versionCommit } from '../testing/pipeline-commits.js';
import type { RawCommit } from '../event-store/event-store.js';
import { readAhead } from './reading.js';

const pipelines = { aggregates: ['pipeline'] } as const;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Messages of an own pipeline (`p`) and of a foreign host (`h`), whose bytes nobody can read, at positions 1, 2, ... */
function stream(kinds: string) {
  const source = {
    given: 0,
    async *[Symbol.asyncIterator](): AsyncGenerator<RawCommit> {
      for (const kind of kinds) {
        source.given += 1;
        yield await Promise.resolve(kind === 'p' ? own(source.given) : foreign(source.given));
      }
    },
  };
  return source;
}
function own(at: number): RawCommit {
  const commit = versionCommit(pipelineRef('p1'), `c${at}`);
  return { subject: subjects.events(commit), position: position(at), bytes: encodeCommit(commit) };
}
function foreign(at: number): RawCommit {
  return { subject: 'evt.default.host.h1', position: position(at), bytes: new Uint8Array([0xff]) };
}

describe('reading ahead for a projection', () => {
  it('holds only the last of foreign commits in a row, and reads on past any number of them', async () => {
    const source = stream('h'.repeat(100));
    const inbox = readAhead(source, pipelines, 5);
    while (source.given < 100) await turn();
    await turn();
    expect(await inbox.take()).toEqual([
      { subject: 'evt.default.host.h1', position: 100, reading: 'foreign' },
    ]);
    inbox.close();
  });

  it('keeps its own commits, decoded, in order among the foreign', async () => {
    const source = stream('hhphhpp');
    const inbox = readAhead(source, pipelines, 50);
    while (source.given < 7) await turn();
    await turn();
    const held = (await inbox.take()) ?? [];
    expect(held.map((one) => [one.position, one.reading === 'foreign' ? 'foreign' : 'own'])).toEqual([
      [2, 'foreign'],
      [3, 'own'],
      [5, 'foreign'],
      [6, 'own'],
      [7, 'own'],
    ]);
    expect(held[1]?.reading).toMatchObject({ id: 'p1', commandId: 'c3', position: 3 });
    inbox.close();
  });

  it('stops reading while its own commits are many, foreign ones between them or not', async () => {
    const source = stream('ph'.repeat(100));
    const inbox = readAhead(source, pipelines, 6);
    for (let i = 0; i < 20; i += 1) await turn();
    expect(source.given).toBe(6);
    expect(await inbox.take()).toHaveLength(6);
    inbox.close();
  });
});
