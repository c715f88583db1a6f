import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveNatsServer } from '../acquire/nats-server.js';
import { repositoryRoot } from '../places.js';
import { scratchDirectory } from '../test-parts.js';
import { exportSecurity } from './security-export.js';

const scratch = scratchDirectory();
const folder = join(scratch, 'security');
const wanted = { apps: ['projector', 'agent-gateway'] };

function filesOf(part: string): readonly string[] {
  return readdirSync(join(folder, part)).sort();
}

function everyFile(): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}

describe('the key material of an installation', () => {
  beforeAll(() => exportSecurity(folder, wanted));

  afterAll(() => rmSync(scratch, { recursive: true }));

  it('is laid out so that each part holds only what its reader needs', () => {
    expect(filesOf('hub')).toEqual(['hub-accounts.conf']);
    expect(filesOf('apps/projector')).toEqual(['nats.creds']);
    expect(filesOf('apps/agent-gateway')).toEqual([
      'hosts-signing.nk',
      'hosts.jwt',
      'nats.creds',
      'operator-signing.nk',
      'system.creds',
    ]);
    expect(readdirSync(folder).sort()).toEqual(['apps', 'hub', 'root']);
  });

  it('can be read by its owner only', () => {
    for (const path of Object.keys(everyFile()))
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
  });

  it('stays as it is when it is asked for again', async () => {
    const before = everyFile();

    await exportSecurity(folder, wanted);

    expect(everyFile()).toEqual(before);
  });

  it('makes hub.conf of docker compose a configuration that nats-server accepts', async () => {
    const { path } = await resolveNatsServer(() => undefined);
    const place = join(scratch, 'hub.conf');
    const mounted = readFileSync(join(repositoryRoot(), 'deploy', 'compose', 'hub.conf'), 'utf8')
      .replaceAll('./security/', './security/hub/')
      .replaceAll('/data/', `${scratch}/data/`);
    writeFileSync(place, mounted);

    await expect(promisify(execFile)(path, ['-t', '-c', place])).resolves.toBeDefined();
  });
});
