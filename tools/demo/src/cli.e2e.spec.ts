import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '#tools/embedded';
import { startHouse, type House } from '#tools/house';
import { until } from './testing/until.js';

const MINUTES = 60_000;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let house: House;
let host: string;

/** Runs the command line as a person would, in a process of its own. */
function phoenixWith(environment: NodeJS.ProcessEnv, words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const script = join(repositoryRoot(), 'bin', 'phoenix.mjs');
    execFile(process.execPath, [script, ...words], { env: environment }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
const phoenix = (...words: string[]): Promise<Outcome> =>
  phoenixWith({ ...process.env, PHOENIX_DATA_DIR: join(folder, 'data') }, words);
const experiment = (...words: string[]): Promise<Outcome> => phoenix('experiment', ...words);
/** The answer of a command that must succeed. */
const json = async <T>(...words: string[]): Promise<T> => {
  const { code, stdout, stderr } = await phoenix(...words, '-o', 'json');
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
};

interface Announced {
  readonly id: string;
  readonly position: string;
  readonly undo: string;
  readonly watch: string;
}
interface Status {
  readonly experiment: { readonly phase: string; readonly clonedFrom: string | null; readonly name: string };
}
const phaseOf = async (id: string): Promise<string> =>
  (await json<Status>('experiment', 'status', id)).experiment.phase;
const reaches = (id: string, phase: string): Promise<true> =>
  until(`${id} to be ${phase}`, async () => ((await phaseOf(id)) === phase ? true : undefined));
const draft = (name: string, ...more: string[]) => [
  ...['experiment', 'create', '--name', name, '--candidate', 'topk', '--param', 'k=5'],
  ...['--host', host, '--warmup', '0', '--duration', '60', '--minimum', '10', ...more],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-cli-'));
  // What the hosts run is not the question here.
  house = await startHouse({
    dataDirectory: join(folder, 'data'),
    log: () => undefined,
    ports: 'free',
    realCollector: false,
  });
  host = await until('the host', async () => {
    const { stdout } = await phoenix('fleet', '-o', 'json');
    const { hosts } = JSON.parse(stdout) as { hosts: readonly { id: string; status: string }[] };
    return hosts.find(({ status }) => status === 'online')?.id;
  });
}, 5 * MINUTES);

afterAll(async () => {
  await house.stop();
  await rm(folder, { recursive: true, force: true });
}, 2 * MINUTES);

interface Debugged {
  readonly figures: Readonly<Record<string, number | null>>;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly fix: string | null }[];
}

describe('the command line, from the outside', () => {
  it(
    'says why a host does not do well, and by the exit code whether anything is bad',
    async () => {
      const statusesOf = ({ checks }: Debugged) =>
        Object.fromEntries(checks.map(({ name, status }) => [name, status]));
      // Heartbeats are stored in batches, and the round trip is measured between two of them.
      const well = await until('a host that does well', async () => {
        const { code, stdout } = await phoenix('fleet', 'debug', host, '--json');
        const answer = JSON.parse(stdout) as Debugged;
        return code === 0 && answer.figures['rttMs'] !== null ? answer : undefined;
      });
      expect(statusesOf(well)).toMatchObject({ link: 'ok', hello: 'ok', leaf: 'ok', dropped: 'ok' });
      expect(statusesOf(well)['generation']).toBe('no-data');
      const { code, stdout } = await phoenix('fleet', 'debug', host);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok +link +online through its leaf$/m)]);
      expect(stdout).toMatch(/^no data +generation .*\n +fix: Start an experiment/m);

      const { token } = await json<{ readonly token: string }>('fleet', 'token', 'create');
      const { inventory } = (await json<{ hosts: readonly { id: string; inventory: object }[] }>('fleet'))
        .hosts[0]!;
      const enrolled = await fetch(new URL('/api/v1/agent/enrol', house.gatewayUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ protocol: 1, token, hostname: 'mute', agentVersion: '0.1.0', inventory }),
      });
      const { host: mute } = (await enrolled.json()) as { readonly host: string };
      const bad = await until('the host that never spoke', async () => {
        const outcome = await phoenix('fleet', 'debug', mute);
        return outcome.code === 4 ? undefined : outcome;
      });
      expect([bad.code, bad.stdout]).toEqual([
        1,
        expect.stringMatching(/^bad +link +enrolled at .*never heard of\n +fix: On the host/m),
      ]);
      await phoenix('fleet', 'revoke', mute);
      const unknown = await phoenix('fleet', 'debug', 'nobody');
      expect([unknown.code, unknown.stderr]).toEqual([4, expect.stringContaining('[host-not-found]')]);
    },
    3 * MINUTES,
  );

  it(
    'takes an experiment from the draft to its result and back, and says at each step how to undo and to watch',
    async () => {
      const made = await phoenix(...draft('First'));
      expect(made.code).toBe(0);
      const [, id = ''] = /^drafted (exp-\w+)$/m.exec(made.stdout) ?? [];
      expect(made.stdout).toContain(`undo:   phoenix experiment archive ${id}`);
      expect(made.stdout).toContain(`watch:  phoenix experiment status ${id} --watch`);
      // Its own change is seen by the very next command.
      expect(await phaseOf(id)).toBe('draft');

      const start = await experiment('start', id);
      expect(start.stdout).toContain(`undo:   phoenix experiment stop ${id}`);
      await reaches(id, 'running');
      expect(
        await json<Announced>('experiment', 'pause', id, '--reason', 'lunch', '--instant'),
      ).toMatchObject({
        id,
        undo: `phoenix experiment resume ${id}`,
        watch: `phoenix experiment status ${id} --watch`,
      });
      expect(await phaseOf(id)).toBe('paused');
      expect((await experiment('resume', id)).stdout).toContain(`undo:   phoenix experiment pause ${id}`);
      await reaches(id, 'running');

      const early = await experiment('results', id);
      expect([early.code, early.stderr]).toEqual([3, expect.stringContaining('[experiment-not-concluded]')]);
      const watched = experiment('status', id, '--watch', '--timeout', '240');
      await until('windows', async () => {
        const { kpis } = await json<{ kpis?: { windows: number } }>('experiment', 'status', id);
        return (kpis?.windows ?? 0) > 0 ? true : undefined;
      });
      expect((await experiment('conclude', id)).code).toBe(0);
      const { code, stdout } = await watched;
      expect([code, stdout]).toEqual([0, expect.stringMatching(/running[^]*concluded/)]);

      const result = await experiment('results', id, '-o', 'json');
      expect(JSON.parse(result.stdout)).toMatchObject({ experiment: { id, phase: 'concluded' } });
      expect((await experiment('results', id)).stdout).toContain('## Verdict');
      expect((await experiment('results', id, '--format', 'csv')).stdout).toMatch(/^figure,value,unit/);

      const promote = await experiment('promote', id, '--despite-verdict', '--reason', 'we know better');
      expect([promote.code, promote.stdout]).toEqual([0, expect.stringContaining(`rollback ${id}`)]);
      await reaches(id, 'promoted');
      const back = await json<Announced>('experiment', 'rollback', id, '--instant', '--reason', 'drill');
      expect(back.undo).toBe(`none; run it again with phoenix experiment clone ${id}`);
      await reaches(id, 'rolled_back');
      expect((await experiment('results', id, '-o', 'json')).stdout).toBe(result.stdout);

      const history = await json<readonly { type: string; position: string }[]>('experiment', 'history', id);
      const paused = history.find(({ type }) => type === 'ExperimentPaused')!;
      const then = await json<Status>('experiment', 'status', id, '--at', paused.position);
      expect(then.experiment.phase).toBe('paused');
      expect((await experiment('history', id)).stdout).toMatch(/ExperimentPaused +lunch/);

      const clone = await json<Announced>('experiment', 'clone', id, '--name', 'Second', '--host', host);
      expect((await json<Status>('experiment', 'status', clone.id)).experiment).toMatchObject({
        phase: 'draft',
        name: 'Second',
        clonedFrom: id,
      });
      expect((await experiment('archive', id)).stdout).toContain(`phoenix experiment clone ${id}`);
      const listed = await json<readonly { id: string }[]>('experiment', 'list', '--host', host);
      expect(listed.map((one) => one.id)).toEqual([clone.id]);
      const all = await experiment('list', '--archived', '--sort', 'name');
      expect(all.stdout).toMatch(new RegExp(`^ID[^]*${id} +First +archived[^]*${clone.id} +Second +draft`));
      await experiment('archive', clone.id);
    },
    8 * MINUTES,
  );

  it(
    'keeps a catalogue of pipelines, and takes in the configuration of a host',
    async () => {
      const pipeline = (...words: string[]): Promise<Outcome> => phoenix('pipeline', ...words);
      const made = await pipeline('create', '--name', 'Top', '--template', 'topk', '--param', 'k=5');
      const [, id = ''] = /^created (pl-\w+)$/m.exec(made.stdout) ?? [];
      expect(made.stdout).toContain(`undo:   phoenix pipeline deprecate ${id}`);
      const same = await pipeline('revise', id, '--template', 'topk', '--param', 'k=5');
      expect(same.stdout).toContain(`${id} says this already in version 1`);
      const revised = await pipeline('revise', id, '--template', 'aggregated');
      expect(revised.stdout).toContain(`undo:   phoenix pipeline revise ${id} --again 1`);
      expect((await pipeline('diff', id)).stdout).toMatch(/^- processors\.1: .*keepTopK[^]*^\+/m);
      expect((await pipeline('revise', id, '--again', '1', '--json')).stdout).toContain('"version": 3');
      const stale = await pipeline('revise', id, '--template', 'baseline', '--seen', '1');
      expect([stale.code, stale.stderr]).toEqual([3, expect.stringContaining('[if-match-failed]')]);
      expect((await pipeline('usage', id)).stdout).toContain('no experiment uses it');
      expect((await pipeline('deprecate', id, '--reason', 'old')).stdout).toContain(`deprecated ${id}`);
      expect((await pipeline('show', id)).stdout).toMatch(/deprecated: old[^]*^3 +template +topk k=5/m);
      expect((await pipeline('list')).stdout).toMatch(new RegExp(`^${id} +Top +3 +deprecated`, 'm'));

      const own = join(folder, 'own.yaml');
      const rendered = await pipeline('render', '--template', 'baseline', '--host', host);
      const exporters = `exporters: {otlphttp: {endpoint: "https://b.example.com"}}\n`;
      await writeFile(own, exporters + rendered.stdout.replace('exporters: []', 'exporters: [otlphttp]'));
      expect((await pipeline('validate', own)).code).toBe(0);
      const imported = await pipeline('import', own, '--as', 'baseline', '--name', 'Own');
      const [, ownId = ''] = /^created (pl-\w+)$/m.exec(imported.stdout) ?? [];
      const shown = await pipeline('show', ownId, '--version', '1');
      expect(shown.stdout).toContain('https://b.example.com');
      await writeFile(own, 'receivers: {nope: {}}\n');
      const wrong = await pipeline('validate', own, '--json');
      expect([wrong.code, JSON.parse(wrong.stdout)]).toMatchObject([1, { valid: false }]);
      const refused = await pipeline('import', own, '--as', 'baseline');
      expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('nothing was created')]);
    },
    3 * MINUTES,
  );

  it(
    'starts one experiment on a host and refuses the next until the first is stopped',
    async () => {
      const first = await json<Announced>(...draft('One'));
      const second = await json<Announced>(...draft('Two'));
      const starts = await Promise.all([first, second].map(({ id }) => experiment('start', id)));
      expect(starts.map(({ code }) => code).sort()).toEqual([0, 3]);
      const [won, lost] = starts[0]!.code === 0 ? [first, second] : [second, first];
      const refused = starts.find(({ code }) => code === 3)!;
      expect(refused.stderr).toContain('[hosts-busy]');
      expect(refused.stderr).toContain(won.id);
      expect((await experiment('stop', won.id, '--instant')).code).toBe(0);
      const watched = await experiment('status', won.id, '--watch', '--timeout', '120');
      expect([watched.code, watched.stdout]).toEqual([0, expect.stringContaining('stopped')]);
      expect((await experiment('start', lost.id)).code).toBe(0);
      await experiment('stop', lost.id);
      await reaches(lost.id, 'stopped');
    },
    5 * MINUTES,
  );

  it(
    'tells a script by the exit code what kind of failure it was',
    async () => {
      // This host has no collector but the built-in one, and the doctor says what to do about that.
      const doctor = await phoenix('doctor');
      expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringMatching(/^FAIL host collector.*Fix:/m)]);
      const { id } = await json<Announced>(...draft('Codes'));
      const password = join(folder, 'wrong.password');
      await writeFile(password, 'not the password');
      const away = (apiUrl: string, passwordFile = password) => ({
        ...process.env,
        PHOENIX_API_URL: apiUrl,
        PHOENIX_EMAIL: house.adminEmail,
        PHOENIX_PASSWORD_FILE: passwordFile,
      });
      const outcomes: readonly (readonly [number, string, Outcome])[] = [
        [0, '', await phoenix('--help')],
        [1, 'nothing answers', await phoenixWith(away('http://127.0.0.1:1'), ['fleet'])],
        [2, 'unknown command', await experiment('fly', id)],
        [2, 'missing required argument', await experiment('start')],
        [2, 'which hosts', await experiment('create', '--name', 'x', '--candidate', 'topk')],
        [2, 'Allowed choices', await experiment('list', '-o', 'xml')],
        [3, '[experiment-not-started]', await experiment('stop', id)],
        [3, '[invalid-parameters]', await experiment('clone', id, '--candidate', 'topk', '--param', 'kk=1')],
        [3, '[invalid-moment]', await experiment('status', id, '--at', 'yesterday')],
        [4, '[experiment-not-found]', await experiment('status', 'nothing')],
        [4, '[experiment-not-found]', await experiment('clone', 'nothing')],
        [4, '[experiment-not-yet-drafted]', await experiment('status', id, '--at', '1999-01-01T00:00:00Z')],
        [5, '[invalid-credentials]', await phoenixWith(away(house.apiUrl), ['fleet'])],
      ];
      for (const [code, words, { code: ended, stderr }] of outcomes) {
        expect({ code: ended, stderr }).toEqual({ code, stderr: expect.stringContaining(words) as string });
      }

      await experiment('start', id);
      await reaches(id, 'running');
      const impatient = await experiment('status', id, '--watch', '--timeout', '1');
      expect([impatient.code, impatient.stderr]).toEqual([6, expect.stringContaining('has not settled')]);
      await experiment('stop', id);
      await reaches(id, 'stopped');
    },
    5 * MINUTES,
  );
});
