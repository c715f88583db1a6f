import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tellingLine } from './failure.js';
import { checkRoom, claimFolder } from './preflight.js';

describe('before the house starts', () => {
  it('refuses a disk without room, and says how much there is', async () => {
    // A file system that is always full.
    await expect(checkRoom('/proc')).rejects.toThrow(/^only 0 MiB are free in \/proc, 256 MiB are needed/);
  });

  it('refuses a folder that another house has, until that one is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'phoenix-claim-'));
    const first = await claimFolder(folder);

    await expect(claimFolder(folder)).rejects.toThrow(
      `Phoenix already runs in ${folder} (process ${process.pid})`,
    );
    await first.release();
    await (await claimFolder(folder)).release();
    await rm(folder, { recursive: true });
  });

  it('finds the message above a stack', () => {
    const lines = ['a | begins', 'a | a: Error: no space', 'a |     at f (x.js:1:1)', 'a |     at g (y.js)'];
    expect(tellingLine(lines)).toBe('a: Error: no space');
    expect(tellingLine([])).toBe('');
  });
});
