import { spawn, type ChildProcess } from 'node:child_process';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectorOrder } from '#lib/agent-protocol';
import type { Service } from '#tools/embedded';
import { readStat } from '../machine/proc.js';
import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';

const baseline = collectorOrder('baseline', 'baseline');
// Without a reduction it is never swapped for another selection, so its process changes by our hand only.
const candidate = collectorOrder('candidate', 'baseline');

/** A pipeline that only a real collector can refuse. */
function unknownToCollectors(order: CollectorOrder): CollectorOrder {
  const rendered = order.rendered as { readonly yaml: string };
  const hash = 'f'.repeat(64);
  const yaml = rendered.yaml.replaceAll('memory_limiter', 'no_such_processor');
  return { ...order, configHash: hash, rendered: { ...rendered, yaml, hash } };
}

describe('faults on a host', () => {
  let house: AgentHouse;
  let agent: Service;
  let hot: ChildProcess | undefined;

  const variantOf = (instance: string): string => instance.split('-', 1)[0] ?? '';
  const pidOf = (variant: string): number | undefined =>
    [...house.collectors()].find(([instance]) => variantOf(instance) === variant)?.[1].pid;
  const pids = (): readonly number[] => [...house.collectors().values()].map(({ pid }) => pid).sort();
  const runningPids = async (): Promise<readonly number[]> =>
    (await house.nextHeartbeat()).collectors
      .filter(({ state }) => state === 'running')
      .map(({ pid }) => pid)
      .sort();

  /** Kills a collector and waits until another one does its work. */
  async function killAndWait(variant: string): Promise<void> {
    const before = await until(() => pidOf(variant));
    process.kill(before, 'SIGKILL');
    await until(() => {
      const now = pidOf(variant);
      return now !== undefined && now !== before ? now : undefined;
    });
  }

  beforeAll(async () => {
    house = await AgentHouse.open();
    agent = await house.startAgent();
    await house.handOver(applyOrder(1, [baseline, candidate]));
    await house.reached(1, 'effective');
  });

  afterAll(async () => {
    hot?.kill('SIGKILL');
    await house.close();
  });

  it('a pipeline that the collector rejects fails with its own words, and nothing changes', async () => {
    const before = pids();
    await house.handOver(applyOrder(2, [baseline, unknownToCollectors(candidate)]));
    const failed = await house.reached(2, 'failed');

    expect(failed.reason).toMatch(/candidate: .*no_such_processor/);
    expect((await house.attempts(2)).map(({ stage }) => stage)).toEqual(['received', 'failed']);
    expect(failed.collectors).toHaveLength(2);
    expect(pids()).toEqual(before);
  });

  it('a killed collector comes back as another instance, and its gap stays a gap', async () => {
    await killAndWait('candidate');
    const [before, after] = await until(async () => {
      const parts = (await house.windows())
        .flatMap(({ collectors }) => collectors.filter(({ variant }) => variant === 'candidate'))
        .sort((a, b) => a.coveredFrom - b.coveredFrom);
      const change = parts.findIndex(
        ({ instance }, index) => index > 0 && instance !== parts[index - 1]?.instance,
      );
      return change < 0 ? undefined : parts.slice(change - 1);
    });

    expect(after?.coveredFrom).toBeGreaterThan(before?.coveredTo ?? Infinity);
  });

  it('a killed agent finds its collectors again and adopts them', async () => {
    const before = await until(() => (pids().length === 2 ? pids() : undefined));
    await agent.kill();
    expect(pids()).toEqual(before);
    agent = await house.startAgent();

    const adopted = await until(async () => {
      const now = await runningPids();
      return now.length === 2 ? now : undefined;
    });
    expect(adopted).toEqual(before);
  });

  it('a collector that cannot be recognised is reaped, and another started', async () => {
    const stranger = await until(() => pidOf('candidate'));
    const kept = pidOf('baseline');
    const instance = [...house.collectors().keys()].find((name) => variantOf(name) === 'candidate') ?? '';
    await agent.kill();
    await rm(join(house.collectorsFolder, instance, 'instance.json'));
    agent = await house.startAgent();
    await until(async () => ((await runningPids()).length === 2 ? true : undefined));

    expect(readStat(stranger)).toBeUndefined();
    expect(pidOf('baseline')).toBe(kept);
  });

  it('a second agent in the same folder does not start', async () => {
    const first = agent;
    const second = await house.startAgent();

    expect((await second.exited).code).toBe(1);
    expect(first.exit()).toBeUndefined();
    agent = house.use(first);
  });

  it('a hot process enters the set of a promoted candidate, with no baseline left', async () => {
    const live = collectorOrder('candidate', 'topk', {
      role: 'live',
      // Far fewer than all, and more than may be as busy on a machine that tests other things at the same time.
      parameters: { k: 20, minSecondsBetweenSwaps: 0 },
    });
    await house.handOver(applyOrder(3, [live]));
    await house.reached(3, 'effective');
    // Two of them while a new selection is swapped in.
    expect(new Set([...house.collectors().keys()].map(variantOf))).toEqual(new Set(['candidate']));

    const program = join(house.parts.dir, 'hot-process');
    await symlink('/bin/sh', program);
    hot = spawn(program, ['-c', 'while :; do :; done'], { stdio: 'ignore' });

    const variants = await until(async () => {
      const seen = (await house.windows()).flatMap(({ collectors }) =>
        collectors.filter(({ executables }) => executables.some(({ name }) => name === 'hot-process')),
      );
      return seen.length === 0 ? undefined : seen.map(({ variant }) => variant);
    });
    hot.kill('SIGKILL');
    expect(new Set(variants)).toEqual(new Set(['candidate']));
  });

  it('a candidate that only crashes is given up, and the rest goes on', async () => {
    await house.handOver(applyOrder(4, [baseline, candidate]));
    await house.reached(4, 'effective');
    for (let kills = 0; kills < 3; kills++) await killAndWait('candidate');
    process.kill(await until(() => pidOf('candidate')), 'SIGKILL');
    const fellBack = await house.reached(4, 'fell-back');

    expect(fellBack.reason).toMatch(/^candidate ended \d+ times within two minutes/);
    expect(fellBack.collectors).toEqual([{ variant: 'baseline', configHash: baseline.configHash }]);
    expect(await runningPids()).toEqual([pidOf('baseline')]);
  });

  it('a stopped agent leaves no collector behind', async () => {
    expect((await agent.stop(30_000)).code).toBe(0);
    expect(house.collectors().size).toBe(0);
  });
});
