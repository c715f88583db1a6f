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
