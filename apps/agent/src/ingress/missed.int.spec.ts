import { readPreflightReport, type Preflight, type PreflightReport } from '#lib/agent-protocol';
import { sandboxFolder } from '../collectors/otelcol-engine.js';
import { runningInstances } from '../collectors/survivors.js';
import { freePort } from '../machine/ports.js';
import { readStatus } from '../run/status-file.js';
import { applyOrder, AgentHouse, until } from '../testing/agent-house.js';
import {
  Application,
  numbered,
  push,
  pushedSpec,
  specOrder,
  startNumberBackend,
  type NumberBackend,
} from '../testing/pushed.js';

const LATER = '2999-01-01T00:00:00.000Z';
/** Three quarters of a mebibyte that no packing makes smaller; a dozen is more than waits for one shadow. */
const PADDING = 'x'.repeat(768 * 1024);
const DOZEN = 12;

describe('pushed data that a shadow missed', () => {
  let house: AgentHouse;
  let backend: NumberBackend;
  let application: Application;
  let port: number;

  const baseline = () => specOrder('baseline', pushedSpec(port));
  const candidate = () => specOrder('candidate', pushedSpec(port, 300));
  const pidOf = (processes: ReadonlyMap<string, { readonly pid: number }>, variant: string): number =>
    [...processes].find(([instance]) => instance.startsWith(variant))?.[1].pid ?? 0;
  const trials = () => runningInstances(sandboxFolder(house.agentFolder));
  const dropped = async (): Promise<number> =>
    (await readStatus(house.agentFolder))?.ingress?.find((one) => one.port === port)?.dropped ?? 0;

  /** Holds a shadow up until copies for it were dropped; the live collector takes them all. */
  async function holdUp(pid: number): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    try {
      for (let request = 0; request < DOZEN; request++)
        expect((await push(port, numbered(0, PADDING), { zip: false })).status).toBe(200);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  async function tried(taskId: string, meanwhile: () => Promise<void>): Promise<PreflightReport> {
    const task: Preflight = {
      ...{ kind: 'Preflight', taskId, deadline: LATER, seconds: 20, criticalProcesses: [] },
      collectors: [baseline(), candidate()].map(({ configHash, rendered, variant }) => ({
        ...{ variant, configHash, rendered },
      })),
    };
    await house.handOver(task);
    await until(async () =>
      (await house.uplink()).find(
        (message) =>
          message.kind === 'task-progress' && message.taskId === taskId && message.note.startsWith('window'),
      ),
    );
    await meanwhile();
    const { detail, outcome } = await house.result(taskId);
    expect({ outcome, detail }).toMatchObject({ outcome: 'done' });
    return readPreflightReport(detail)!;
  }

  beforeAll(async () => {
    house = await AgentHouse.open();
    backend = await startNumberBackend();
    port = await freePort();
    await house.startAgent({ PHOENIX_BACKEND_OTLP: backend.url });
    await house.handOver(applyOrder(1, [baseline(), candidate()]));
    await house.reached(1, 'effective');
    application = new Application(port, 1, 50);
  });

  afterAll(async () => {
    await application.stop();
    await house.close();
    await backend.stop();
  });

  it('is a gap in the windows of that shadow, and in those of nobody else', async () => {
    const dropsBefore = await dropped();
    const from = Date.now();
    await holdUp(pidOf(house.collectors(), 'candidate'));
    await until(async () => ((await dropped()) > dropsBefore ? true : undefined));
    const [told] = (await house.nextHeartbeat()).ingress ?? [];
    expect(told).toMatchObject({ port, isWanted: true, isOpen: true, dropped: await dropped() });

    const windows = await until(async () => {
      const since = (await house.windows()).filter(({ seconds, start }) => start + seconds * 1000 > from);
      const last = since.at(-1)?.collectors;
      return since.length > 3 && last?.length === 2 ? since : undefined;
    });
    const variants = windows.map(({ collectors }) => collectors.map(({ variant }) => variant));
    expect(variants).toContainEqual(['baseline']);
    for (const list of variants) expect(list).toContain('baseline');
  });

  it('does not happen to a trial that takes what comes, which then has what the baseline has', async () => {
    const { card, comparison, variants } = await tried('good', () => Promise.resolve());
    expect(variants.map(({ reason, verdict }) => [verdict, reason])).toEqual([
      ['ran', null],
      ['ran', null],
    ]);
    for (const { total } of variants) expect(total).toMatchObject({ coveredSeconds: 20, series: 1 });
    expect(comparison?.reduction.series).toBe(0);
    expect(card?.metrics).toEqual({ lost: [], added: [] });
  });

  it('makes a trial fail, for what it lacks was not saved', async () => {
    const { card, comparison, variants } = await tried('slow', () => holdUp(pidOf(trials(), 'candidate')));
    expect(variants.map(({ verdict }) => verdict)).toEqual(['ran', 'failed']);
    expect(variants[1]?.reason).toMatch(
      /^did not take all that applications pushed: [12] of 2 windows have a gap$/,
    );
    expect([comparison, card]).toEqual([null, null]);
  });

  it('ends a shadow that hangs, and the live collector goes on', async () => {
    process.kill(pidOf(house.collectors(), 'candidate'), 'SIGSTOP');
    const fellBack = await house.reached(1, 'fell-back');

    expect(fellBack.reason).toMatch(/^candidate lost \d+ % of the data at ingress for 20 s, more than 50 %/);
    const before = application.pushed;
    await until(() => (application.pushed > before ? true : undefined));
    expect([...house.collectors().keys()].map((instance) => instance.split('-')[0])).toEqual(['baseline']);
  });
});
