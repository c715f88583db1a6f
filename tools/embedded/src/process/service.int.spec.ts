import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { transformFileSync } from '@swc/core';
import { repositoryRoot, scratchDirectory, spawnService, type Service } from '../index.js';
import { identityOf, isRunning, type ProcessIdentity } from './identity.js';

/** Starts a child that has a child of its own, and prints their numbers. */
const parentProgram = `
import { spawnService } from './process/service.js';
const script = (process.env.DEAF ? "trap '' TERM; " : '') + 'sleep 1000 & echo pids $$ $!; wait';
await spawnService({ name: 'child', command: 'sh', args: ['-c', script], output: { log: (line) => console.log(line) } });
setInterval(() => undefined, 1000);
`;

interface Family {
  readonly parent: ChildProcess;
  readonly child: ProcessIdentity;
  readonly grandchild: ProcessIdentity;
}

const scratch = scratchDirectory();
const dataDir = join(scratch, 'data');
const families: Family[] = [];

/** The guard runs outside jest here, because a test cannot kill its own process. */
function compile(...modules: readonly string[]): void {
  const source = join(repositoryRoot(), 'tools', 'embedded', 'src');
  for (const module of modules) {
    const target = join(scratch, `${module}.js`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transformFileSync(join(source, `${module}.ts`), { sourceMaps: false }).code);
  }
}

async function startFamily(settings: NodeJS.ProcessEnv = {}): Promise<Family> {
  const parent = spawn(process.execPath, [join(scratch, 'parent.js')], {
    env: { ...process.env, PHOENIX_DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: parent.stdout })) {
    const pids = /pids (\d+) (\d+)/.exec(line);
    if (pids === null) continue;
    const [child, grandchild] = [pids[1], pids[2]].map((pid) => identityOf(Number(pid))!);
    const family = { parent, child: child!, grandchild: grandchild! };
    families.push(family);
    return family;
  }
  throw new Error('the parent ended early');
}

async function gone(...identities: readonly ProcessIdentity[]): Promise<void> {
  while (identities.some(isRunning)) await sleep(50);
}

async function ended(parent: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = new Promise((resolve) => parent.once('exit', resolve));
  parent.kill(signal);
  await exit;
}

/** The guardian is the parent's only child that runs the guardian script. */
function guardianOf(parent: ChildProcess): number | undefined {
  const children = readFileSync(`/proc/${parent.pid!}/task/${parent.pid!}/children`, 'utf8')
    .trim()
    .split(' ');
  return children
    .map(Number)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('guardian.sh'));
}

describe('a guarded process', () => {
  beforeAll(() => {
    compile('places', 'process/identity', 'process/run-files', 'process/guardian', 'process/service');
    writeFileSync(join(scratch, 'parent.js'), parentProgram);
  });

  afterAll(async () => {
    for (const { parent, child, grandchild } of families) {
      parent.kill('SIGKILL');
      if (isRunning(child)) process.kill(-child.pid, 'SIGKILL');
      await gone(child, grandchild);
    }
    rmSync(scratch, { recursive: true });
  });

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'ends with its own children when its parent dies of %s',
    async (signal) => {
      const { parent, child, grandchild } = await startFamily();

      await ended(parent, signal);

      await gone(child, grandchild);
      expect(identityOf(child.pid)).toBeUndefined();
    },
  );

  it('is killed after a grace period when it is deaf to the polite signal', async () => {
    const { parent, child, grandchild } = await startFamily({ DEAF: 'yes' });

    await ended(parent, 'SIGKILL');

    await gone(child, grandchild);
    expect(identityOf(child.pid)).toBeUndefined();
  });

  it('ends with its parent even when the guardian was killed before', async () => {
    const { parent, child, grandchild } = await startFamily();
    const first = guardianOf(parent)!;

    process.kill(first, 'SIGKILL');
    let second = guardianOf(parent);
    while (second === undefined || second === first) {
      await sleep(20);
      second = guardianOf(parent);
    }
    await ended(parent, 'SIGKILL');

    await gone(child, grandchild);
    expect(identityOf(grandchild.pid)).toBeUndefined();
  });

  it('is reaped by the next start when parent and guardian were killed together', async () => {
    const orphaned = await startFamily();
    orphaned.parent.kill('SIGSTOP');
    process.kill(guardianOf(orphaned.parent)!, 'SIGKILL');
    await ended(orphaned.parent, 'SIGKILL');
    expect(isRunning(orphaned.child)).toBe(true);

    const next = await startFamily();

    await gone(orphaned.child, orphaned.grandchild);
    expect(isRunning(next.child)).toBe(true);
  });

  it('is stopped by npm run clean, which then removes the data folder', async () => {
    const { parent, child, grandchild } = await startFamily();
    const clean = join(repositoryRoot(), 'tools', 'clean.mjs');

    await promisify(execFile)(process.execPath, [clean], {
      env: { ...process.env, PHOENIX_DATA_DIR: dataDir },
    });

    await gone(child, grandchild);
    expect(identityOf(parent.pid!)).toBeUndefined();
    expect(existsSync(dataDir)).toBe(false);
  });

  it('leaves no trace of itself after it has ended', async () => {
    const service = await spawnService({
      name: 'short',
      command: 'true',
      args: [],
      output: { log: () => undefined },
    });

    expect(await service.exited).toEqual({ code: 0, signal: null });
    const noted = readdirSync(join(repositoryRoot(), '.phoenix', 'run'));
    expect(noted).not.toContain(`${service.pid}.json`);
  });
});

describe('npm run clean', () => {
  it('refuses a folder that Phoenix did not make', async () => {
    const foreign = scratchDirectory();
    writeFileSync(join(foreign, 'thesis.txt'), 'years of work');
    const clean = join(repositoryRoot(), 'tools', 'clean.mjs');
    const env = { ...process.env, PHOENIX_DATA_DIR: foreign };

    await expect(promisify(execFile)(process.execPath, [clean], { env })).rejects.toMatchObject({ code: 1 });

    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
    rmSync(foreign, { recursive: true });
  });
});

describe('a service', () => {
  async function start(script: string, lines: string[] = []): Promise<Service> {
    const log = (line: string): unknown => lines.push(line);
    return spawnService({ name: 'part', command: 'sh', args: ['-c', script], output: { log } });
  }

  it('prefixes its lines with its name', async () => {
    const lines: string[] = [];
    const service = await start('echo one; echo two >&2; exit 3', lines);

    expect(await service.closed).toEqual({ code: 3, signal: null });
    expect(lines.sort()).toEqual(['part | one', 'part | two']);
  });

  it('is killed when it does not stop within its budget', async () => {
    const lines: string[] = [];
    const service = await start("trap '' TERM; echo deaf; while :; do sleep 0.1; done", lines);
    while (lines.length === 0) await sleep(20);

    expect(await service.stop(100)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('fails to start with the reason when its program is missing', async () => {
    const missing = {
      name: 'ghost',
      command: '/no/such/program',
      args: [],
      output: { log: () => undefined },
    };

    await expect(spawnService(missing)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
