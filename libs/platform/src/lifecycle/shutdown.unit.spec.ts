import { createLogger } from '../logging/logger.js';
import { TestClock } from '../testing/test-clock.js';
import { Shutdown, type ShutdownPhase } from './shutdown.js';

const given = () => {
  const clock = new TestClock();
  const happened: string[] = [];
  const shutdown = new Shutdown({
    clock,
    logger: createLogger({ app: 'test', level: 'fatal' }),
    turnRed: () => happened.push('red'),
    phaseBudgetMs: 1_000,
  });
  const step = (phase: ShutdownPhase, name: string): void =>
    shutdown.on(phase, name, () => {
      happened.push(name);
      return Promise.resolve();
    });
  return { clock, happened, shutdown, step };
};

describe('the shutdown', () => {
  it('turns readiness red first, then goes phase by phase, whatever the order of registration', async () => {
    const { happened, shutdown, step } = given();
    step('drain', 'leave the bus');
    step('flush', 'flush');
    step('stop-intake', 'close the door');
    step('finish-in-flight', 'finish');
    await shutdown.run();
    expect(happened).toEqual(['red', 'close the door', 'finish', 'flush', 'leave the bus']);
  });

  it('runs once however often it is asked for', async () => {
    const { happened, shutdown, step } = given();
    step('drain', 'leave the bus');
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect(happened).toEqual(['red', 'leave the bus']);
  });

  it('leaves a step behind that fails or takes longer than its budget', async () => {
    const { clock, happened, shutdown, step } = given();
    shutdown.on('stop-intake', 'fails', () => Promise.reject(new Error('no')));
    shutdown.on('finish-in-flight', 'hangs', () => new Promise(() => undefined));
    step('drain', 'leave the bus');
    const ended = shutdown.run();
    await clock.advance(1_000);
    await ended;
    expect(happened).toEqual(['red', 'leave the bus']);
  });
});
