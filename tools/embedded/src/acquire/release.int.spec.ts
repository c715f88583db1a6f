import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { scratchDirectory } from '../test-parts.js';
import { unpackRelease, type Release } from './release.js';

const scratch = scratchDirectory();
const target = join(scratch, 'target');
const archive = 'gadget-v1.tar.gz';
let server: Server;
let files: Record<string, string | Buffer>;

function release(): Release {
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, archive, checksums: 'SHA256SUMS', strip: 1 };
}

describe('an official release', () => {
  beforeAll(async () => {
    mkdirSync(join(scratch, 'gadget-v1'));
    mkdirSync(target);
    writeFileSync(join(scratch, 'gadget-v1', 'gadget'), 'the program');
    execFileSync('tar', ['-czf', archive, 'gadget-v1'], { cwd: scratch });
    server = createServer((request, response) => {
      const file = files[(request.url ?? '/').slice(1)];
      if (file === undefined) response.writeHead(404).end();
      else response.end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  });

  afterAll(() => {
    server.close();
    rmSync(scratch, { recursive: true });
  });

  it('is unpacked when its checksum is the published one', async () => {
    const content = readFileSync(join(scratch, archive));
    const sum = createHash('sha256').update(content).digest('hex');
    files = { SHA256SUMS: `${'0'.repeat(64)}  other.tar.gz\n${sum}  ${archive}\n`, [archive]: content };

    await unpackRelease(release(), target, () => undefined);

    expect(readFileSync(join(target, 'gadget'), 'utf8')).toBe('the program');
    expect(existsSync(join(target, archive))).toBe(false);
  });

  it('is refused when its content was changed', async () => {
    files = {
      SHA256SUMS: `${'0'.repeat(64)} *${archive}\n`,
      [archive]: readFileSync(join(scratch, archive)),
    };

    await expect(unpackRelease(release(), target, () => undefined)).rejects.toThrow('has checksum');
  });

  it('is refused when no checksum was published for it', async () => {
    files = { SHA256SUMS: '', [archive]: readFileSync(join(scratch, archive)) };

    await expect(unpackRelease(release(), target, () => undefined)).rejects.toThrow('lists no checksum');
  });

  it('is given up with a plain reason when the site cannot be reached', async () => {
    const nowhere = { ...release(), baseUrl: 'http://127.0.0.1:9' };

    await expect(unpackRelease(nowhere, target, () => undefined)).rejects.toThrow('cannot reach 127.0.0.1:9');
  });
});
