import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreflightReportAnswer, SimulationReportAnswer, TaskDetailAnswer } from '#lib/client';
import { repositoryRoot } from '#tools/embedded';
import { startHouse, type House } from '#tools/house';
import { until } from './testing/until.js';

const MINUTES = 60_000;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('preflight and simulation from the command line', () => {
  let folder: string;
  let house: House;
  let host: string;

  const phoenix = (...words: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const script = join(repositoryRoot(), 'bin', 'phoenix.mjs');
      const env = { ...process.env, PHOENIX_DATA_DIR: join(folder, 'data') };
      execFile(process.execPath, [script, ...words], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const task = async (id: string) =>
    JSON.parse((await phoenix('task', 'show', id, '-o', 'json')).stdout) as TaskDetailAnswer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phoenix-tasks-'));
    house = await startHouse({ dataDirectory: join(folder, 'data'), log: () => undefined, ports: 'free' });
    host = await until('the host', async () => {
      const { stdout } = await phoenix('fleet', '-o', 'json');
      const { hosts } = JSON.parse(stdout) as { hosts: readonly { id: string; status: string }[] };
      return hosts.find(({ status }) => status === 'online')?.id;
    });
  }, 4 * MINUTES);

  afterAll(async () => {
    await house.stop();
    await rm(folder, { recursive: true, force: true });
  }, MINUTES);

  it(
    'a preflight sees the load that is simulated meanwhile, and tells what a candidate would lose',
    async () => {
      const load = ['task', 'simulate', host, '--profile', 'steady', '--seconds', '600', '--processes', '10'];
      const { stdout } = await phoenix(...load, '--no-wait', '-o', 'json');
      const { id } = JSON.parse(stdout) as { readonly id: string };
      await until('the load', async () => ((await task(id)).phase === 'running' ? true : undefined));
      // Nothing is kept but the busiest process and what is critical; one that does not exist cannot get lost.
      const words = ['--baseline', 'baseline', '--candidate', 'topk', '--param', 'k=1', '--seconds', '10'];
      const intervals = ['--param', 'intervalSeconds=1', '--baseline-param', 'intervalSeconds=1'];
      const tried = ['task', 'preflight', host, ...words, ...intervals];
      const kept = await phoenix(...tried, '--critical', 'sim-steady-1,sim-steady-2,not-there');
      expect(kept).toMatchObject({ code: 0, stderr: '' });
      // What lasts is seen by who asks twice a second.
      expect(kept.stdout).toContain('measuring baseline and candidate for 10 s');
      expect(kept.stdout).toMatch(/^baseline +ran +10 s +\d+ +\d+ +\d+ +[\d.]+ s +\d+ MiB$/m);
      expect(kept.stdout).toContain('no critical process is lost');

      // The busiest process of this machine may end at once; one that lasts is kept, so the candidate sends something.
      const json = await phoenix(...tried, '--critical', 'sim-steady-1', '-o', 'json');
      expect(json.code).toBe(0);
      const { phase, report } = JSON.parse(json.stdout) as TaskDetailAnswer & {
        report: PreflightReportAnswer;
      };
      expect(phase).toBe('done');
      const [full] = report.variants;
      expect(full!.processes.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['sim-steady-1', 'sim-steady-2']),
      );
      expect(report.comparison!.reduction.series).toBeGreaterThan(0);
      expect(report.comparison!.lost.length).toBeGreaterThan(0);

      expect((await phoenix('task', 'cancel', id)).code).toBe(0);
      await until('the end', async () => ((await task(id)).phase === 'cancelled' ? true : undefined));
    },
    6 * MINUTES,
  );

  it(
    'a simulation tells what ran',
    async () => {
      const load = ['task', 'simulate', host, '--profile', 'spike', '--seconds', '10', '--processes', '4'];
      const ended = await phoenix(...load, '-o', 'json');
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      const { detail, host: on } = JSON.parse(ended.stdout) as TaskDetailAnswer;
      expect(on).toBe(host);
      expect(JSON.parse(detail!) as SimulationReportAnswer).toMatchObject({ processes: 4, endedEarly: 0 });
    },
    3 * MINUTES,
  );

  it(
    'a refusal of the server is told with its code',
    async () => {
      const wrong = await phoenix('task', 'preflight', host, '--candidate', 'magic');
      expect(wrong.code).toBe(3);
      expect(wrong.stderr).toContain('magic');
      expect((await phoenix('task', 'simulate', host, '--processes', '1000')).code).toBe(3);
      expect((await phoenix('task', 'simulate', 'nowhere')).code).toBe(4);
      expect((await phoenix('task', 'preflight', host)).code).toBe(2);
    },
    MINUTES,
  );
});
