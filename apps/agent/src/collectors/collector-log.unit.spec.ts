import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limitLog, logTail, MAX_LOG_BYTES } from './collector-log.js';

describe('the log of a collector', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'collector-log-'));
    path = join(folder, 'collector.log');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const sizes = async (): Promise<number> => {
    const files = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
    return files.reduce((sum, { size }) => sum + size, 0);
  };

  it('is left alone while it is short, and absent where there is none', async () => {
    await limitLog(path);
    expect(await logTail(path, 3)).toEqual([]);
    await appendFile(path, 'one\ntwo\nthree\n');
    await limitLog(path);

    expect(await logTail(path, 2)).toEqual(['two', 'three']);
    expect(await readdir(folder)).toEqual(['collector.log']);
  });

  it('never takes more than its bound, however much is written, and keeps its end', async () => {
    for (let round = 0; round < 6; round++) {
      const lines = Array.from(
        { length: 40_000 },
        (_, line) => `round ${round} line ${line} ${'.'.repeat(40)}`,
      );
      await appendFile(path, `${lines.join('\n')}\n`);
      await limitLog(path);
      expect(await sizes()).toBeLessThanOrEqual(MAX_LOG_BYTES);
      expect((await logTail(path, 1))[0]).toMatch(new RegExp(`^round ${round} line 39999 `));
    }
    await appendFile(path, 'the newest\n');

    const tail = await logTail(path, 500);
    expect(tail).toHaveLength(500);
    expect(tail.at(-1)).toBe('the newest');
    expect(tail[0]).toMatch(/^round 5 line 39501 /);
  });

  it('keeps the older part readable by its owner only', async () => {
    await appendFile(path, 'x'.repeat(MAX_LOG_BYTES));
    await limitLog(path);
    expect((await stat(`${path}.1`)).mode & 0o777).toBe(0o600);
  });
});
