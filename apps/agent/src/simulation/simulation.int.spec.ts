import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Service } from '#tools/embedded';
import { readSimulationReport, type Simulate } from '#lib/agent-protocol';
import { readStat, readText } from '../machine/proc.js';
import { AgentHouse, applyOrder, collectorOrder, until } from '../testing/agent-house.js';
import { simulatedProcesses } from './leftovers.js';
import { simulationsFolder } from './simulate.js';

const LATER = '2999-01-01T00:00:00.000Z';

describe('a simulation of load', () => {
  let house: AgentHouse;
  let agent: Service;

  const ask = (taskId: string, profile: Simulate['profile'], seconds: number, processes: number) =>
    house.handOver({ kind: 'Simulate', taskId, deadline: LATER, profile, seconds, processes });
  const folder = () => simulationsFolder(house.agentFolder);
  const executableOf = (pid: number): string => {
    try {
      return basename(readlinkSync(`/proc/${pid}/exe`));
    } catch {
      return '';
    }
  };
  /** The processes themselves, without the shell that leads them. */
  const simulated = () =>
    simulatedProcesses(folder())
      .map((pid) => ({ pid, executable: executableOf(pid) }))
      .filter(({ executable }) => executable.startsWith('sim-'));
  const crew = (count: number) =>
    until(() => {
      const all = simulated();
      return all.length === count ? all : undefined;
    });
  const gone = () =>
    until(() => {
      const files = existsSync(folder()) ? readdirSync(folder()) : [];
      return simulatedProcesses(folder()).length === 0 && files.length === 0 ? true : undefined;
    });

  beforeAll(async () => {
    house = await AgentHouse.open();
    agent = await house.startAgent();
    await house.handOver(applyOrder(1, [collectorOrder('baseline', 'baseline')]));
    await house.reached(1, 'effective');
  });

  afterAll(() => house.close());

  it('runs real, capped processes without rights, which the collectors see by their executables', async () => {
    await ask('load', 'realistic', 20, 20);
    const processes = await crew(20);
    const executables = new Set(processes.map(({ executable }) => executable));
    expect(executables.size).toBeGreaterThanOrEqual(5);
    for (const { pid } of processes) {
      const [status, limits] = ['status', 'limits'].map((file) => readText(`/proc/${pid}/${file}`) ?? '');
      if (process.getuid?.() === 0) expect(status).toMatch(/^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
      for (const set of ['Inh', 'Prm', 'Eff', 'Amb'])
        expect(status).toMatch(new RegExp(`^Cap${set}:\\s+0+$`, 'm'));
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      for (const limit of ['cpu time', 'data size', 'core file size', 'open files'])
        expect(limits).toMatch(new RegExp(`^Max ${limit} +\\d+ `, 'm'));
      expect(readText(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ')[16]).toBe('19');
    }
    const { detail, outcome } = await house.result('load');
    expect({ outcome, detail }).toMatchObject({ outcome: 'done' });
    const report = readSimulationReport(detail)!;
    expect(report).toMatchObject({ profile: 'realistic', processes: 20, endedEarly: 0 });
    expect(report.executables).toBe(executables.size);
    expect(report.seconds).toBeGreaterThanOrEqual(20);
    expect(report.classes.map(({ name }) => name)).toEqual(['cache', 'database', 'helper', 'web', 'worker']);
    const sums = report.classes.reduce(
      (sum, one) => ({ processes: sum.processes + one.processes, cpu: sum.cpu + one.cpuSeconds }),
      { processes: 0, cpu: 0 },
    );
    expect(sums.processes).toBe(20);
    expect(sums.cpu).toBeCloseTo(report.cpuSeconds, 1);
    expect(report.cpuSeconds).toBeGreaterThan(1);
    expect(report.cpuSeconds).toBeLessThan(report.bounds.cores * report.seconds * 1.25);
    await gone();
    const metered = await until(async () => {
      const windows = (await house.windows()).flatMap(({ collectors }) => collectors);
      const names = new Set(windows.flatMap((one) => one.executables.map(({ name }) => name)));
      return [...executables].every((name) => names.has(name)) ? names : undefined;
    });
    expect([...metered]).toEqual(expect.arrayContaining([...executables]));
    const notes = (await house.uplink()).filter((message) => message.kind === 'task-progress');
    expect(notes.map(({ note }) => note)).toContain('20 processes run, 10 s of 20 s');
  });

  it('replaces processes at its pace where they are to churn', async () => {
    await ask('churn', 'process-churn', 12, 10);
    const first = (await crew(10)).map(({ pid }) => pid);
    const next = await until(() => {
      const now = simulated().map(({ pid }) => pid);
      return now.length === 10 && now.some((pid) => !first.includes(pid)) ? now : undefined;
    });
    expect(next.filter((pid) => first.includes(pid)).length).toBeLessThan(10);
    const report = readSimulationReport((await house.result('churn')).detail)!;
    expect(report.processes).toBeGreaterThan(10);
    expect(report.endedEarly).toBe(0);
    await gone();
  });

  it('waits for the one before it, and ends when it is taken back', async () => {
    await ask('first', 'steady', 3600, 4);
    await crew(4);
    await ask('second', 'high-cardinality', 3600, 7);
    // Another lane is free meanwhile.
    await house.handOver({
      kind: 'CollectLogs',
      taskId: 'logs',
      deadline: LATER,
      variant: 'baseline',
      lines: 1,
    });
    expect(await house.result('logs')).toMatchObject({ outcome: 'done' });
    expect(simulated()).toHaveLength(4);
    const asked = Date.now();
    await house.handOver({ kind: 'CancelTask', taskId: 'cancel-first', cancels: 'first' });
    const { at, outcome } = await house.result('first');
    expect(outcome).toBe('cancelled');
    expect(Date.parse(at) - asked).toBeLessThan(15_000);
    const unique = await crew(7);
    expect(new Set(unique.map(({ executable }) => executable)).size).toBe(7);
  });

  it('ends with its agent, also one that is killed', async () => {
    const left = simulatedProcesses(folder());
    expect(left).toHaveLength(8);
    await agent.kill();
    // Nobody is there any more to end them.
    await until(() => (left.every((pid) => readStat(pid) === undefined) ? true : undefined));
    agent = await house.startAgent();
    expect(await house.result('second')).toMatchObject({ outcome: 'failed' });
    await gone();
  });

  it('ends with its agent when that is stopped', async () => {
    await ask('stopped', 'spike', 3600, 6);
    await crew(6);
    await agent.stop(30_000);
    expect(simulatedProcesses(folder())).toEqual([]);
    await house.startAgent();
    expect(await house.result('stopped')).toMatchObject({ outcome: 'failed' });
  });
});
