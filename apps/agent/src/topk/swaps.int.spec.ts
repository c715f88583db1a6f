import { spawn, type ChildProcess } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';
import {
  startRecordingBackend,
  type RecordedScrape,
  type RecordingBackend,
} from '../testing/recording-backend.js';

const KEPT = 'kept-process';
const HOT = 'hot-process';
const INTERVAL_MS = 1000;

/** Whoever uses a hundredth of a core is in, so that this machine's other work does not decide the test. */
const live = collectorOrder('candidate', 'adaptive', {
  role: 'live',
  parameters: {
    ...{ cpuMillicores: 10, memoryMebibytes: 1_048_576, maxSeries: 100_000, maxChangesPerHour: 60 },
  },
});

describe('an adaptive set on a real collector that feeds the backend', () => {
  let house: AgentHouse;
  let backend: RecordingBackend;
  const busy: ChildProcess[] = [];

  const begin = async (name: string): Promise<void> => {
    const program = join(house.parts.dir, name);
    await symlink('/bin/sh', program);
    busy.push(spawn(program, ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
  };
  const having = (name: string): readonly RecordedScrape[] =>
    backend.scrapes.filter(({ executables }) => executables.has(name));

  beforeAll(async () => {
    house = await AgentHouse.open();
    backend = await startRecordingBackend();
    await house.startAgent({ PHOENIX_BACKEND_OTLP: backend.url });
  });

  afterAll(async () => {
    for (const process of busy) process.kill('SIGKILL');
    await house.close();
    await backend.stop();
  });

  it('takes a process in that becomes hot, and loses no scrape of one that stays', async () => {
    await begin(KEPT);
    await house.handOver(applyOrder(1, [live]));
    await house.reached(1, 'effective');
    await until(() => (having(KEPT).length > 0 ? true : undefined));
    await begin(HOT);
    await until(() => (having(HOT).length > 2 ? true : undefined));

    const since = backend.scrapes.slice(
      backend.scrapes.findIndex(({ executables }) => executables.has(KEPT)),
    );
    expect(since.filter(({ executables }) => !executables.has(KEPT))).toEqual([]);
    const before = since.filter(({ executables }) => !executables.has(HOT));
    const lastOfOld = Math.max(...before.map(({ at }) => at));
    const firstOfNew = Math.min(...having(HOT).map(({ at }) => at));
    expect(before.length).toBeGreaterThan(0);
    // Both scrape on the same ticks, and the old one goes on until the new one has been seen: they share a tick.
    expect(firstOfNew - lastOfOld).toBeLessThan(INTERVAL_MS / 2);
  });
});
