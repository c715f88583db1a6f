import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { repositoryRoot, resolveNatsServer, scratchDirectory, startLeaf } from '#tools/embedded';

const READY = /Phoenix is ready at (\S+)/;
const folder = scratchDirectory();
const dataDir = join(folder, 'data');

/** `npm start` in a terminal's process group of its own, as a shell starts it. */
interface Start {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<number | null>;
}

function start(environment: NodeJS.ProcessEnv = {}, ...words: readonly string[]): Start {
  const main = join(repositoryRoot(), 'dist', 'tools', 'start', 'src', 'main.js');
  const child = spawn(process.execPath, [main, ...words], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PHOENIX_DATA_DIR: dataDir, ...environment },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => output, ended };
}

async function printed(running: Start, pattern: RegExp): Promise<void> {
  while (!pattern.test(running.output())) {
    if (running.child.exitCode !== null) throw new Error(`it ended early:\n${running.output()}`);
    await sleep(50);
  }
}

/** What a person sees of `npx phoenix` in a second shell. */
function phoenix(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const bin = join(repositoryRoot(), 'bin', 'phoenix.mjs');
  const env = { ...process.env, PHOENIX_DATA_DIR: dataDir };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...words], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, text: `${stdout}${stderr}` }),
    );
  });
}

/** All processes below one, by the kernel's own account. */
function descendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (one: number): readonly number[] =>
    (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

function parentOf(pid: string): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function isMigrate(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`).includes('/migrate/');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await sleep(100);
}

/** Takes a usual port, unless somebody on this machine has it already: taken is what matters. */
async function occupy(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

describe('npm start', () => {
  let running: Start;
  let occupied: Server;
  let experiment: string;

  beforeAll(async () => {
    occupied = await occupy(8083);
    running = start();
    await printed(running, READY);
  }, 180_000);

  afterAll(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
    occupied.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }, 60_000);

  it('takes another port where a usual one is taken, and says so', () => {
    const [, port] = /port 8083 is taken: projector uses (\d+)/.exec(running.output()) ?? [];
    expect(running.output()).toContain(`projector is ready at http://127.0.0.1:${port}\n`);
  });

  it('writes lines that a person can read', () => {
    const lines = running.output().split('\n');
    expect(lines.filter((line) => line.includes('{"'))).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^migrate {7}\| streams: EVENTS/));
  });

  it('is found by a second shell, logged in', async () => {
    const fleet = await phoenix('fleet');
    const created = await phoenix(
      ...['experiment', 'create', '--name', 'Kept', '--candidate', 'topk'],
      ...['--param', 'k=5', '--label', 'phoenix=local'],
    );
    experiment = /exp-\w+/.exec(created.text)?.[0] ?? '';

    expect(fleet).toMatchObject({ code: 0, text: expect.stringMatching(/^1 hosts: /) as unknown });
    expect(created.code).toBe(0);
    expect(await phoenix('experiment', 'fly')).toMatchObject({ code: 2 });
    expect(await phoenix('experiment', 'status', 'exp-none')).toMatchObject({ code: 4 });
  });

  it('lets a host in containers enrol itself, once, with all that its leaf needs', async () => {
    const connection = JSON.parse(readFileSync(join(dataDir, 'connection.json'), 'utf8')) as {
      readonly apiUrl: string;
    };
    const gatewayUrl = /agent-gateway is ready at (\S+)/.exec(running.output())?.[1] ?? '';
    const enrol = (): Promise<{ readonly stdout: string }> =>
      promisify(execFile)(
        process.execPath,
        [join(repositoryRoot(), 'dist', 'tools', 'house', 'src', 'enrol-host.js')],
        {
          env: {
            PATH: process.env['PATH'],
            PHOENIX_API_URL: connection.apiUrl,
            PHOENIX_GATEWAY_URL: gatewayUrl,
            PHOENIX_ADMIN_PASSWORD_FILE: join(dataDir, 'secrets', 'admin.password'),
            PHOENIX_AGENT_DIR: join(folder, 'other-host'),
            PHOENIX_DOOR_DIR: join(folder, 'door'),
          },
        },
      );
    expect((await enrol()).stdout).toMatch(/^enrolled as host /);
    const credsFile = join(folder, 'door', 'leaf', 'host.creds');
    const once = readFileSync(credsFile, 'utf8');
    expect((await enrol()).stdout).toBe('this host is enrolled already\n');
    expect(readFileSync(credsFile, 'utf8')).toBe(once);

    const { leafUrl } = JSON.parse(readFileSync(join(folder, 'other-host', 'identity.json'), 'utf8')) as {
      readonly leafUrl: string;
    };
    const natsServer = (await resolveNatsServer(() => undefined)).path;
    const mounted = readFileSync(join(repositoryRoot(), 'deploy', 'compose', 'leaf.conf'), 'utf8')
      .replaceAll('/etc/nats/security', join(folder, 'door', 'leaf'))
      .replaceAll('./security/', './door/leaf/');
    writeFileSync(join(folder, 'leaf.conf'), mounted);
    await promisify(execFile)(natsServer, ['-t', '-c', join(folder, 'leaf.conf')]);
    const leaf = await startLeaf({ dir: join(folder, 'leaf'), natsServer, hubLeafUrl: leafUrl, credsFile });
    while (!(await leaf.isLinked())) await sleep(100);
    await leaf.stop();
    expect((await phoenix('fleet')).text).toMatch(/^2 hosts: /);
  });

  it('refuses a second start in the same folder and goes on undisturbed', async () => {
    const second = start();

    expect(await second.ended).toBe(1);
    expect(second.output()).toBe(
      `phoenix could not start: Phoenix already runs in ${dataDir} (process ${running.child.pid}): ` +
        'stop that one first, or set PHOENIX_DATA_DIR to another folder\n',
    );
    const { text } = await phoenix('doctor');
    for (const name of [
      'command-api nats',
      'clock',
      'host disk',
      'host ports',
      'host collector',
      'host link',
    ])
      expect(text).toContain(`ok   ${name}: `);
  });

  it('stops everything at Ctrl-C', async () => {
    const family = descendants(running.child.pid!);
    process.kill(-running.child.pid!, 'SIGINT');

    expect(await running.ended).toBe(0);
    await allGone(family);
    expect(family.length).toBeGreaterThan(8);
    expect(running.output()).toMatch(/stopped\n$/);
    expect(readdirSync(join(dataDir, 'run'))).toEqual([]);
    expect(await phoenix('fleet')).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^phoenix: no running Phoenix found/) as unknown,
    });
  });

  it('has kept its data at the next start, and leaves no orphan when it is killed', async () => {
    running = start();
    await printed(running, READY);
    expect((await phoenix('experiment', 'list')).text).toContain(experiment);

    const family = descendants(running.child.pid!);
    running.child.kill('SIGKILL');
    await running.ended;
    await allGone(family);
    expect(family.length).toBeGreaterThan(8);
  }, 180_000);

  it('can be stopped while it starts', async () => {
    running = start();
    await printed(running, /schema and streams/);
    const family = descendants(running.child.pid!);
    process.kill(-running.child.pid!, 'SIGINT');

    expect({ code: await running.ended, output: running.output() }).toEqual({
      code: 0,
      output: expect.stringMatching(/stopped\n$/) as unknown,
    });
    await allGone(family);
    expect(running.output()).not.toMatch(READY);
  });

  it('can be stopped while it starts with all that it runs, as a service manager stops it', async () => {
    running = start();
    while (!descendants(running.child.pid!).some(isMigrate)) await sleep(20);
    const family = descendants(running.child.pid!);
    for (const pid of [running.child.pid!, ...family.filter(isMigrate)]) process.kill(pid, 'SIGTERM');

    expect({ code: await running.ended, output: running.output() }).toEqual({
      code: 0,
      output: expect.stringMatching(/stopped\n$/) as unknown,
    });
    await allGone(family);
  });

  it('tells words that it does not know', async () => {
    const failed = start({}, '--loud');
    expect(await failed.ended).toBe(2);
    expect(failed.output()).toMatch(/^usage: npm start .*\n$/);
  });

  it.each([
    ['PHOENIX_NATS_SERVER', '/nonexistent', 'PHOENIX_NATS_SERVER: /nonexistent does not run here'],
    ['PHOENIX_DATA_DIR', join(repositoryRoot(), 'package.json'), 'EEXIST: file already exists, mkdir'],
  ])('tells in one line what is wrong with %s=%s', async (variable, value, line) => {
    const failed = start({ [variable]: value });
    expect(await failed.ended).toBe(1);
    expect(failed.output().split('\n')).toEqual([
      expect.stringContaining(`phoenix could not start: ${line}`),
      '',
    ]);
  });

  it.each([
    ['secrets/jwt.secret', '', /jwt\.secret is empty: put it back, or begin anew with npm run clean/],
    ['hub/security/hub-accounts.conf', '', /nats-hub ended with code 1: .*no operator key found.*\(see .*\)/],
    [
      'secrets/projector.creds',
      'none',
      /projector does not start: projector: Error: unable to parse credentials/,
    ],
    ['postgres/data/PG_VERSION', undefined, /postgres\/data has lost its data: put it back/],
  ])('tells the damage of %s in one last line', async (file, content, line) => {
    const path = join(dataDir, file);
    const whole = readFileSync(path);
    if (content === undefined) rmSync(path);
    else if (content === '') truncateSync(path);
    else writeFileSync(path, content);
    const failed = start();

    expect(await failed.ended).toBe(1);
    const last = failed.output().trimEnd().split('\n').at(-1);
    writeFileSync(path, whole);
    expect(last).toMatch(/^phoenix could not start: /);
    expect(last).toMatch(line);
  });
});
