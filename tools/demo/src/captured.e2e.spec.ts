import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingAnswer, RecordingReportAnswer, TaskDetailAnswer } from '#lib/client';
import { repositoryRoot } from '#tools/embedded';
import { startHouse, type House } from '#tools/house';
import { until } from './testing/until.js';

const MINUTES = 60_000;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('recordings captured from a host', () => {
  let folder: string;
  let house: House;
  let host: string;

  const phoenix = (...words: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const script = join(repositoryRoot(), 'bin', 'phoenix.mjs');
      const env = { ...process.env, PHOENIX_DATA_DIR: join(folder, 'data') };
      execFile(process.execPath, [script, ...words], { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const asked = async <T>(...words: string[]): Promise<T> => {
    const { code, stderr, stdout } = await phoenix(...words, '-o', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as T;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phoenix-captured-'));
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
    'are kept under the id that the task tells, and previewed like any other',
    async () => {
      const capture = ['recording', 'capture', host, '--seconds', '20'];
      const { report } = await asked<TaskDetailAnswer & { report: RecordingReportAnswer }>(...capture);
      expect(report).toMatchObject({ windows: 2, intervalSeconds: 10, endedEarly: null });
      const listed = await asked<readonly RecordingAnswer[]>('recording', 'list');
      expect(listed.map(({ id }) => id)).toEqual([report.recording]);
      const kept = await asked<RecordingAnswer>('recording', 'show', report.recording!);
      expect(kept).toMatchObject({ kind: 'captured', hosts: 1, points: report.points, bytes: report.bytes });
      const words = ['pipeline', 'preview', '--candidate', 'topk', '--recording', kept.id];
      const card = await phoenix(...words);
      expect(card).toMatchObject({ code: 0, stderr: '' });
      expect(card.stdout).toContain('What would I lose?');
      expect(card.stdout).toContain(`on host ${host}`);
    },
    6 * MINUTES,
  );
});
