import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '#tools/embedded';
import { listPids, readArguments, readEnvironment, readStat, readText } from '../machine/proc.js';
import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';
import { forkingCollector, type ForkingCollector } from '../testing/forking-collector.js';
import { readStatus } from './status-file.js';

/** More of them, and others, by the environment: `PHOENIX_KILLS=50 PHOENIX_SEED=7`. */
const KILLS = Number(process.env['PHOENIX_KILLS'] ?? 8);
const SEED = Number(process.env['PHOENIX_SEED'] ?? 20_260_101);

const baseline = collectorOrder('baseline', 'baseline');
const candidate = collectorOrder('candidate', 'baseline');

/** Numbers in [0, 1) that are the same for the same seed: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('supervision of collectors that have children', () => {
  let house: AgentHouse;
  let agent: Service;
  let program: ForkingCollector;

  /** Every process of a collector of this house, seen from outside: by its command line. */
  const owned = (): readonly number[] => [
    ...program.children(),
    ...listPids().filter((pid) =>
      readArguments(pid).some((word) => word.startsWith(`--config=${house.collectorsFolder}/`)),
    ),
  ];
  const leaders = (): readonly number[] => [...house.collectors().values()].map(({ pid }) => pid).sort();
  /** Both variants work, each as one collector with one child, and nobody else is there. */
  const settled = (): Promise<true> =>
    until(async () => {
      const { collectors } = await house.nextHeartbeat();
      const running = collectors.filter(({ state }) => state === 'running').map(({ pid }) => pid);
      const isWhole = running.length === 2 && collectors.length === 2 && owned().length === 4;
      return isWhole && running.sort().join() === leaders().join() ? true : undefined;
    });

  beforeAll(async () => {
    house = await AgentHouse.open();
    program = await forkingCollector(await house.folder('program'), house.otelcol);
    agent = await house.startAgent({ PHOENIX_OTELCOL: program.path });
    await house.handOver(applyOrder(1, [baseline, candidate]));
    await house.reached(1, 'effective');
    await settled();
  });

  afterAll(() => house.close());

  it('holds candidates to a cap of memory, and lets them write no core file', async () => {
    const limitsFor = (variant: string): string => {
      const [, identity] = [...house.collectors()].find(([instance]) => instance.startsWith(variant)) ?? [];
      return readText(`/proc/${identity?.pid ?? 0}/limits`) ?? '';
    };
    // Twice the default limit and what the runtime reserves.
    const status = await until(() => readStatus(house.agentFolder));
    const isGrouped = status.collector.endsWith('memory and CPU of candidates capped by cgroup v2');
    if (isGrouped) {
      const [, identity] =
        [...house.collectors()].find(([instance]) => instance.startsWith('candidate')) ?? [];
      expect(readText(`/proc/${identity?.pid ?? 0}/cgroup`)).toMatch(/\/collector-candidate-/);
    } else {
      const cap = new RegExp(`^Max data size +${(2 * 512 + 128) * 2 ** 20} `, 'm');
      expect(limitsFor('candidate')).toMatch(cap);
      expect(status.collector).toMatch(/candidates capped by rlimit, CPU by the guardrail only \(.+\)$/);
    }
    expect(limitsFor('candidate')).toMatch(/^Max core file size +0 /m);
    expect(limitsFor('baseline')).toMatch(/^Max data size +unlimited /m);
  });

  it("keeps no collector's token on the disk", async () => {
    const tokens = leaders().map((pid) => readEnvironment(pid).get('PHOENIX_METER_TOKEN') ?? '');
    const names = await readdir(house.agentFolder, { recursive: true });
    const files = names.map((name) => join(house.agentFolder, name));
    const found = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));

    expect(tokens.map(({ length }) => length)).toEqual([32, 32]);
    expect(found.filter((text) => text.includes('PHOENIX_METER_TOKEN'))).toHaveLength(2);
    expect(found.filter((text) => tokens.some((token) => text.includes(token)))).toEqual([]);
    const configs = files.filter((file) => file.endsWith('config.yaml'));
    const modes = await Promise.all(configs.map(async (file) => (await stat(file)).mode & 0o077));
    expect(modes).toEqual([0, 0]);
  });

  it('ends the child of a collector that was killed', async () => {
    const [killed = 0] = leaders();
    const children = program.children().filter((pid) => readStat(pid)?.group === killed);
    expect(children).toHaveLength(1);
    process.kill(killed, 'SIGKILL');
    await until(() => (children.some((pid) => readStat(pid) !== undefined) ? undefined : true));
    await settled();
  }, 120_000);

  it(
    `has two whole collectors and no orphan after ${KILLS} kills of agent and collectors (seed ${SEED})`,
    async () => {
      const random = seeded(SEED);
      for (let kills = 0; kills < KILLS; kills++) {
        // Nobody waits until all is well again: a kill may also fall into a start or an adoption.
        await sleep(random() * 3000);
        const targets = leaders();
        const target = targets[Math.floor(random() * targets.length)];
        // In turn, since collectors that only end are given up, and a new agent counts anew.
        const isAgent = kills % 2 === 1;
        if (isAgent) await agent.kill();
        if (target !== undefined && (!isAgent || random() < 0.5)) process.kill(target, 'SIGKILL');
        if (isAgent) agent = await house.startAgent({ PHOENIX_OTELCOL: program.path });
      }
      await settled();
      expect(owned()).toHaveLength(4);
    },
    120_000 + KILLS * 15_000,
  );

  it('leaves nothing of a collector when it is stopped', async () => {
    expect((await agent.stop(30_000)).code).toBe(0);
    expect(owned()).toEqual([]);
  }, 120_000);
});
