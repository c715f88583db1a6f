import { TestClock } from '../testing/test-clock.js';
import { Health } from './health.js';

describe('readiness', () => {
  it('is given when every part is well', async () => {
    const health = new Health(new TestClock());
    health.register('nats', () => undefined);
    expect(await health.readiness()).toEqual({ ready: true, checks: [{ name: 'nats', ok: true }] });
  });

  it('names the parts that are not well, that fail to say, and that say nothing in time', async () => {
    const clock = new TestClock();
    const health = new Health(clock);
    health.register('nats', () => 'not connected');
    health.register('postgres', () => Promise.reject(new Error('connection refused')));
    health.register('projection', () => new Promise(() => undefined));
    const readiness = health.readiness();
    await clock.advance(2_000);
    expect(await readiness).toEqual({
      ready: false,
      checks: [
        { name: 'nats', ok: false, reason: 'not connected' },
        { name: 'postgres', ok: false, reason: 'connection refused' },
        { name: 'projection', ok: false, reason: 'no answer within 2000 ms' },
      ],
    });
  });

  it('is gone for good once the app shuts down', async () => {
    const health = new Health(new TestClock());
    health.register('nats', () => undefined);
    health.turnRed('shutting down');
    expect(await health.readiness()).toMatchObject({ ready: false });
  });
});
