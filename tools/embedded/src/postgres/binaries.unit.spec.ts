import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hydrateLinks } from './binaries.js';

describe('the links between the libraries of PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-links-'));
  const library = join(folder, 'native', 'lib', 'libz.so.1.2');

  beforeAll(() => {
    mkdirSync(join(folder, 'native', 'lib'), { recursive: true });
    writeFileSync(library, 'code');
    const links = [{ source: 'native/lib/libz.so.1.2', target: 'native/lib/libz.so.1' }];
    writeFileSync(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('are made where npm ran without install scripts, and stay when they are there', async () => {
    await hydrateLinks(folder);
    await hydrateLinks(folder);

    expect(readlinkSync(join(folder, 'native', 'lib', 'libz.so.1'))).toBe('libz.so.1.2');
    expect(readFileSync(join(folder, 'native', 'lib', 'libz.so.1'), 'utf8')).toBe('code');
  });

  it('are made once when two processes make them at the same time', async () => {
    rmSync(join(folder, 'native', 'lib', 'libz.so.1'));

    await Promise.all([hydrateLinks(folder), hydrateLinks(folder)]);

    expect(readlinkSync(join(folder, 'native', 'lib', 'libz.so.1'))).toBe('libz.so.1.2');
  });
});
