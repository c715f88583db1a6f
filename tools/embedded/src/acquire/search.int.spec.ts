import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../test-parts.js';
import { searchPart, type Kit, type PartSearch, type SearchResult } from './search.js';

const scratch = scratchDirectory();
const cacheHome = join(scratch, 'cache');
const bin = join(scratch, 'bin');
const before = { ...process.env };
let made: string[];

/** A program that prints this version, as real parts do. */
function writeProgram(folder: string, version: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'gadget');
  writeFileSync(path, `#!/bin/sh\necho "gadget version ${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

function kit(source: Kit['source'], make: (folder: string) => void): Kit {
  return {
    source,
    cacheKey: `gadget-${source}`,
    make: (folder) => {
      made.push(source);
      make(folder);
      return Promise.resolve();
    },
  };
}

function failing(source: Kit['source'], message: string): Kit {
  return kit(source, () => {
    throw new Error(message);
  });
}

async function search(...kits: readonly Kit[]): Promise<SearchResult> {
  const objection: PartSearch['objection'] = (version) =>
    version.startsWith('1.') ? `version ${version} is too old` : undefined;
  return searchPart({ program: 'gadget', variable: 'PHOENIX_GADGET', objection, kits }, () => undefined);
}

describe('the search for a part', () => {
  beforeEach(() => {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(bin, { recursive: true });
    made = [];
    process.env['XDG_CACHE_HOME'] = cacheHome;
    process.env['PATH'] = `${bin}:/usr/bin:/bin`;
    delete process.env['PHOENIX_GADGET'];
  });

  afterAll(() => {
    process.env = before;
    rmSync(scratch, { recursive: true, force: true });
  });

  it('takes the program that the environment names before one on PATH', async () => {
    writeProgram(bin, '2.1.0');
    const path = writeProgram(join(scratch, 'own'), '2.2.0');
    process.env['PHOENIX_GADGET'] = path;

    expect(await search()).toMatchObject({
      kind: 'found',
      part: { source: 'env', version: '2.2.0', path, cached: true },
    });
  });

  it('never overrules an explicit choice that does not work', async () => {
    writeProgram(bin, '2.1.0');
    process.env['PHOENIX_GADGET'] = '/no/such/gadget';

    await expect(search()).rejects.toMatchObject({ code: 'part-missing' });
  });

  it('passes over a program on PATH that is too old, makes one, and finds that in the cache later', async () => {
    writeProgram(bin, '1.9.0');
    const release = kit('release', (folder) => writeProgram(folder, '2.3.0'));

    const first = await search(release);
    const second = await search(release);

    expect(first).toMatchObject({ part: { source: 'release', version: '2.3.0', cached: false } });
    expect(second).toMatchObject({ part: { source: 'cache', version: '2.3.0', cached: true } });
    expect(made).toEqual(['release']);
  });

  it('tries the next way when one fails, and leaves nothing half made in the cache', async () => {
    const broken = kit('go', (folder) => writeFileSync(join(folder, 'gadget'), 'not a program'));
    const result = await search(
      failing('release', 'no network'),
      broken,
      kit('debian', (folder) => writeProgram(folder, '2.4.0')),
    );

    expect(result).toMatchObject({ part: { source: 'debian', version: '2.4.0' } });
    expect(readdirSync(join(cacheHome, 'phoenix'))).toEqual(['gadget-debian']);
  });

  it('asks the program itself where its version does not tell whether it will do', async () => {
    const plain = writeProgram(bin, '2.1.0');
    const asksProgram: PartSearch = {
      ...{ program: 'gadget', variable: 'PHOENIX_GADGET' },
      objection: (_version, path) => Promise.resolve(path === plain ? 'it is plain' : undefined),
      kits: [kit('release', (folder) => writeProgram(folder, '2.1.0'))],
    };

    const found = await searchPart(asksProgram, () => undefined);
    process.env['PHOENIX_GADGET'] = plain;

    expect(found).toMatchObject({ kind: 'found', part: { source: 'release' } });
    await expect(searchPart(asksProgram, () => undefined)).rejects.toThrow('PHOENIX_GADGET: it is plain');
  });

  it('says what it tried when nothing works', async () => {
    const result = await search(failing('release', 'no network'), failing('go', 'no go on PATH'));

    expect(result).toEqual({
      kind: 'missing',
      reasons: ['path: no gadget', 'release: no network', 'go: no go on PATH'],
    });
    expect(existsSync(join(cacheHome, 'phoenix', 'gadget-release'))).toBe(false);
  });

  it('makes a part once when many ask for it at the same time', async () => {
    const release = kit('release', (folder) => writeProgram(folder, '2.5.0'));

    const results = await Promise.all(Array.from({ length: 20 }, () => search(release)));

    expect(made).toEqual(['release']);
    for (const result of results) expect(result).toMatchObject({ kind: 'found' });
  });

  it('takes over the lock of a process that died while it was making the part', async () => {
    mkdirSync(join(cacheHome, 'phoenix'), { recursive: true });
    const dead = { pid: process.pid, born: 'at another time' };
    writeFileSync(join(cacheHome, 'phoenix', 'gadget-release.lock'), JSON.stringify(dead));

    const result = await search(kit('release', (folder) => writeProgram(folder, '2.6.0')));

    expect(result).toMatchObject({ part: { source: 'release' } });
    expect(readdirSync(join(cacheHome, 'phoenix'))).toEqual(['gadget-release']);
  });
});
