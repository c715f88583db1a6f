import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PhoenixClient,
  type Accepted,
  type ExperimentAnswer,
  type HostAnswer,
  type HostDetailAnswer,
  type KpiAnswer,
  type PageAnswer,
} from '#lib/client';
import { repositoryRoot } from '#tools/embedded';
import { startHouse, type House } from '#tools/house';
import { startRecordingBackend, type RecordingBackend } from './testing/recording-backend.js';
import { until } from './testing/until.js';

const MINUTES = 60_000;

/** As it stands on a host that exports all processes to its own backend; its role is a label of the host. */
const own = (backend: string): string => `receivers:
  hostmetrics:
    collection_interval: 2s
    scrapers:
      process: {mute_process_all_errors: true}
processors:
  resource:
    attributes:
      - {key: host.id, value: "{{ .host.id }}", action: upsert}
      - {key: written.for, value: '{{ .host.labels.phoenix | default "none" | upper }}', action: upsert}
exporters:
  otlphttp/own: {metrics_endpoint: "${backend}/v1/metrics", encoding: proto}
extensions:
  health_check: {endpoint: "127.0.0.1:13133"}
service:
  extensions: [health_check]
  pipelines:
    metrics: {receivers: [hostmetrics], processors: [resource], exporters: [otlphttp/own]}
`;

/** Deletes of attributes that nothing has: they change nothing and fill `bytes` of YAML, by JSON half as many more. */
function filled(yaml: string, bytes: number): string {
  const [head = '', tail = ''] = yaml.split('exporters:\n');
  const actions: string[] = [];
  let left = bytes - Buffer.byteLength(yaml);
  for (let at = 0; left > 120; at += 1) {
    const line = `      - {key: "none.${at}.\\"\\"\\"\\"\\"\\"\\"\\"\\"\\"", action: delete}\n`;
    left -= line.length;
    actions.push(line);
  }
  return `${head}${actions.join('')}${' '.repeat(6)}#${'x'.repeat(left - 8)}\nexporters:\n${tail}`;
}

describe("a host's own configuration as the baseline of an experiment", () => {
  let folder: string;
  let house: House;
  let backend: RecordingBackend;
  let client: PhoenixClient;
  let host: HostAnswer;

  const phoenix = (
    ...words: string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
    new Promise((resolve) => {
      const script = join(repositoryRoot(), 'bin', 'phoenix.mjs');
      const env = { ...process.env, PHOENIX_DATA_DIR: join(folder, 'data') };
      execFile(process.execPath, [script, ...words], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const imported = async (name: string, yaml: string) => {
    const file = join(folder, name);
    await writeFile(file, yaml);
    return phoenix('pipeline', 'import', file, '--as', 'baseline', '-o', 'json');
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phoenix-imported-'));
    backend = await startRecordingBackend();
    house = await startHouse({ dataDirectory: join(folder, 'data'), log: () => undefined, ports: 'free' });
    client = new PhoenixClient({ apiUrl: house.apiUrl, token: house.api.token });
    host = await until('the host', async () => {
      const { items } = await client.get<PageAnswer<HostAnswer>>('/fleet/hosts');
      return items.find(({ status }) => status === 'online');
    });
  }, 5 * MINUTES);

  afterAll(async () => {
    await house.stop();
    await backend.stop();
    await rm(folder, { recursive: true, force: true });
  }, 2 * MINUTES);

  it(
    'is imported, drafted and run from the command line beside a template, and figures arrive',
    async () => {
      const { code, stdout, stderr } = await imported('own.yaml', own(backend.url));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { id: pipeline } = JSON.parse(stdout) as Accepted;
      const named = ['--name', 'own', '--host', host.id, '--critical', 'node'];
      const variants = ['--baseline', `pipeline:${pipeline}@1`, '--candidate', 'topk', '--param', 'k=1'];
      const drafted = await phoenix('experiment', 'create', ...named, ...variants, '--duration', '60');
      expect(drafted.stdout).toMatch(/^warning baseline: .*\[critical-not-kept\]$/m);
      const id = /drafted (\S+)/.exec(drafted.stdout)?.[1] ?? '';
      expect((await phoenix('experiment', 'start', id)).code).toBe(0);
      const phase = await until('the measurement', async () => {
        const now = await client.get<ExperimentAnswer>(`/experiments/${id}`);
        if (now.phase === 'failed') throw new Error(now.reason ?? 'failed');
        return now.phase === 'running' || now.phase === 'concluded' ? now.phase : undefined;
      });
      expect(phase).toBeDefined();
      const series = await until('figures', async () => {
        const { series: now } = await client.get<KpiAnswer>(`/experiments/${id}/kpis`);
        return 'noData' in now.baseline || 'noData' in now.candidate ? undefined : now;
      });
      expect(series).toMatchObject({ baseline: { unit: expect.any(String) as string } });
      const [full, reduced] = [series.baseline, series.candidate];
      if ('noData' in full || 'noData' in reduced) throw new Error('figures vanished');
      expect(full.value).toBeGreaterThan(reduced.value);
      // Its own exporter feeds its own backend: the house has none for it.
      expect(backend.points.length).toBeGreaterThan(0);
      const { collectors } = await client.get<HostDetailAnswer>(`/fleet/hosts/${host.id}`);
      const hash = collectors.find(({ variant }) => variant === 'baseline')?.configHash ?? '';
      const sent = await client.get<{
        readonly yaml?: string;
        readonly rendered?: { readonly yaml: string };
      }>(`/generator/configs/${hash}`);
      expect(JSON.stringify(sent)).toContain(host.id);
      expect(JSON.stringify(sent)).not.toContain('{{');
      await phoenix('experiment', 'stop', id);
    },
    8 * MINUTES,
  );

  it(
    'runs at the largest size that is taken, and is refused before it is stored or drafted above it',
    async () => {
      const create = async (name: string, yaml: string) => {
        const { id } = await client.post<Accepted>('/pipelines', { body: { name, yaml } });
        return { kind: 'pipeline', pipelineId: id, version: 1 };
      };
      const asJson = (...texts: readonly string[]) =>
        texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)), 0);
      const draft = (baseline: object, candidate: object) =>
        client.post<Accepted>('/experiments', {
          body: { name: 'large', baseline, candidate, targets: { hosts: [host.id] }, schedule },
        });
      const schedule = { warmupSeconds: 5, minimumSeconds: 30, maximumSeconds: 60, deploySeconds: 300 };
      const largest = filled(own(backend.url), 250_000);
      const room = 400 * 1024 - asJson(largest);
      const other = filled(own(backend.url), Math.floor(room * 0.6));
      // A line of comment, whose end takes two bytes.
      const padding = `${'#'.repeat(400 * 1024 - asJson(largest, other) - 2)}\n`;
      const atLimit = [
        await create('largest', largest),
        await create('other', `${padding}${other}`),
      ] as const;
      expect(asJson(largest, `${padding}${other}`)).toBe(400 * 1024);

      const { id } = await draft(...atLimit);
      await client.post(`/experiments/${id}/start`, { body: {} });
      await until('both to run', async () => {
        const now = await client.get<ExperimentAnswer>(`/experiments/${id}`);
        if (now.phase === 'failed') throw new Error(now.reason ?? 'failed');
        const { series } = await client.get<KpiAnswer>(`/experiments/${id}/kpis`);
        return 'noData' in series.baseline || 'noData' in series.candidate ? undefined : now;
      });
      await client.post(`/experiments/${id}/stop`, { body: {} });

      const above = await create('above', `#${padding}${other}`);
      await expect(draft(atLimit[0], above)).rejects.toMatchObject({
        problem: { status: 413, code: 'content-too-large' },
      });
      await expect(create('too large', filled(own(backend.url), 256 * 1024 + 1))).rejects.toMatchObject({
        problem: { status: 413, code: 'content-too-large' },
      });
    },
    8 * MINUTES,
  );

  it('is refused on import where no experiment could run it, and nothing is created', async () => {
    const connectors = own(backend.url)
      .replace('service:', 'connectors: {forward: {}}\nservice:')
      .replace(
        '[otlphttp/own]}',
        '[forward]}\n    metrics/out: {receivers: [forward], exporters: [otlphttp/own]}',
      );
    const before = await client.get<{ readonly items: readonly unknown[] }>('/pipelines');
    const { code, stdout } = await imported('connectors.yaml', connectors);
    expect(code).toBe(1);
    expect(stdout).toContain('connector-not-run');
    expect(await client.get('/pipelines')).toEqual(before);
  });
});
