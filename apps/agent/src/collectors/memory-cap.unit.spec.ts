import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { limitsOf } from '#lib/agent-protocol';
import { openCgroups, type CgroupPlace } from './cgroup.js';
import { memoryCap } from './memory-cap.js';

const run = promisify(execFile);
const limits = limitsOf({ memory: { rssBytes: 100 * 2 ** 20 }, cpu: { percent: 25 } });

describe('the cap of a candidate', () => {
  let root: string;
  let place: CgroupPlace;
  const inGroup = (...names: string[]): string => join(root, 'svc', ...names);
  const text = (...names: string[]): Promise<string> => readFile(inGroup(...names), 'utf8');

  /** What the kernel shows of a group; a file that is written to here keeps what was written. */
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'phoenix-cgroup-'));
    place = { root, own: join(root, 'own'), pid: 4242 };
    await mkdir(inGroup());
    await writeFile(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
    await writeFile(inGroup('cgroup.controllers'), 'cpu memory pids\n');
    await writeFile(place.own, '1:name=systemd:/\n0::/svc\n');
  });
  afterEach(() => rm(root, { recursive: true }));

  it('is a group of its own where the kernel gives the agent groups', async () => {
    const cap = await memoryCap(place);
    expect(cap.description).toBe('memory and CPU of candidates capped by cgroup v2');
    expect(await text('phoenix-agent', 'cgroup.procs')).toBe('4242');
    expect(await text('cgroup.subtree_control')).toBe('+memory +cpu');

    const prefix = await cap.prefixFor(limits, 'candidate-1');
    expect(await text('collector-candidate-1', 'memory.max')).toBe(String(200 * 2 ** 20));
    expect(await text('collector-candidate-1', 'cpu.max')).toBe('50000 100000');
    // What stands behind the prefix runs in the group from its first instant, as the very process that entered it.
    const [command = '', ...args] = prefix;
    const { stdout } = await run(command, [...args, 'sh', '-c', 'echo $$']);
    expect(await text('collector-candidate-1', 'cgroup.procs')).toBe(stdout);
    expect(prefix).toContain('--core=0');
  });

  it('lets go of a group with its collector, and of those that an earlier agent left', async () => {
    await mkdir(inGroup('collector-old'));
    await mkdir(inGroup('someone-else'));
    const cap = await memoryCap(place);
    expect(await readdir(inGroup())).not.toContain('collector-old');
    await mkdir(inGroup('collector-new'));
    await cap.release('new');
    await cap.release('never-there');
    const left = (await readdir(inGroup(), { withFileTypes: true })).filter((one) => one.isDirectory());
    expect(left.map(({ name }) => name).sort()).toEqual(['phoenix-agent', 'someone-else']);
  });

  it.each([
    ['no cgroup v2', () => rm(join(root, 'cgroup.controllers')), /^no cgroup v2 is mounted$/],
    ['no group', () => writeFile(place.own, '1:cpu:/\n'), /^the agent is in no group/],
    [
      'no controllers',
      () => writeFile(inGroup('cgroup.controllers'), 'cpu pids\n'),
      /^its group has no controller for memory$/,
    ],
    [
      'a group that others share',
      () => mkdir(inGroup('cgroup.subtree_control')),
      /^its group is not its own to divide: .*EISDIR/,
    ],
  ])('is an rlimit with %s, and says why', async (_case, make, reason) => {
    await make();
    const found = await openCgroups(place);
    expect(found).toMatch(reason);
    const cap = await memoryCap(place);
    expect(cap.description).toBe(
      `memory of candidates capped by rlimit, CPU by the guardrail only (${typeof found === 'string' ? found : ''})`,
    );
    expect(await cap.prefixFor(limits, 'candidate-1')).toEqual([
      ...['prlimit', '--core=0', `--data=${(2 * 100 + 128) * 2 ** 20}`],
    ]);
  });

  it('leaves the agent where it was when its group cannot be divided', async () => {
    await mkdir(inGroup('cgroup.subtree_control'));
    expect(typeof (await openCgroups(place))).toBe('string');
    expect(await text('cgroup.procs')).toBe('4242');
  });

  it('knows the group of an agent that was started again from within one', async () => {
    await mkdir(inGroup('phoenix-agent'));
    await writeFile(place.own, '0::/svc/phoenix-agent\n');
    expect(typeof (await openCgroups(place))).toBe('object');
    expect(await text('cgroup.subtree_control')).toBe('+memory +cpu');
  });
});
