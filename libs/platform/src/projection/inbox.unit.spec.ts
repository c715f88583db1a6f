import { Inbox } from './inbox.js';

/** Yields the numbers from 0 on and tells how many were asked for. */
function counting(until: number, failure?: Error) {
  const source = {
    given: 0,
    closed: false,
    async *[Symbol.asyncIterator]() {
      try {
        while (source.given < until) yield await Promise.resolve(source.given++);
        if (failure !== undefined) throw failure;
      } finally {
        source.closed = true;
      }
    },
  };
  return source;
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the inbox of a projection', () => {
  it('gives everything once and in order, however it is taken', async () => {
    const inbox = Inbox.fill(counting(1000), 7);
    const taken: number[] = [];
    for (let batch = await inbox.take(); batch !== undefined; batch = await inbox.take()) {
      expect(batch.length).toBeLessThanOrEqual(7);
      taken.push(...batch);
    }
    expect(taken).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('stops reading while it is full', async () => {
    const source = counting(1000);
    const inbox = Inbox.fill(source, 5);
    await turn();
    await turn();
    expect(source.given).toBe(5);
    expect(await inbox.take()).toHaveLength(5);
    await turn();
    expect(source.given).toBe(10);
    inbox.close();
  });

  it('gives what was read before a failure first, then the failure', async () => {
    const inbox = Inbox.fill(counting(2, new Error('link broke')), 10);
    await turn();
    expect(await inbox.take()).toEqual([0, 1]);
    await expect(inbox.take()).rejects.toThrow('link broke');
  });

  it('closes the source when it is closed while full', async () => {
    const source = counting(1000);
    const inbox = Inbox.fill(source, 5);
    await turn();
    await turn();
    inbox.close();
    await turn();
    expect(source.closed).toBe(true);
  });
});
