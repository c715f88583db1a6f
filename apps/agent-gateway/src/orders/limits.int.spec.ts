import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { limitsOf } from '#lib/agent-protocol';
import { hostAttempt } from '#lib/database';
import type { HostId } from '#lib/events';
import { repositoryRoot, resolveCollector, spawnService, type Service } from '#tools/embedded';
import { startExperiment } from '../testing/experiments.js';
import { eventually, GatewayHouse, TOKEN } from '../testing/gateway-house.js';

const MEBIBYTE = 1024 * 1024;
/** Far below what any collector takes, and for so long that the order is in force first. */
const limits = limitsOf({ memory: { rssBytes: 24 * MEBIBYTE, seconds: 15 } });

describe('limits of an experiment, on a real host', () => {
  let house: GatewayHouse;
  let agent: Service;
  let host: HostId;

  beforeAll(async () => {
    house = await GatewayHouse.open();
    const collector = await resolveCollector(() => undefined);
    if (collector.kind === 'none') throw new Error(collector.reason);
    const main = join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js');
    const folder = join(house.parts.dir, 'agent');
    const env = {
      PATH: '/usr/bin:/bin',
      PHOENIX_AGENT_DIR: folder,
      PHOENIX_OTELCOL: collector.part.path,
      PHOENIX_AGENT_NATS_URL: house.config.natsUrl,
    };
    await promisify(execFile)(process.execPath, [main, 'enrol', '--url', house.url, '--token', TOKEN], {
      env,
    });
    ({ host } = JSON.parse(await readFile(join(folder, 'identity.json'), 'utf8')) as { host: HostId });
    agent = await spawnService({
      ...{ name: 'agent', command: process.execPath, args: [main, 'run'], env },
      output: { file: join(house.parts.dir, 'agent.log') },
    });
  });

  afterAll(async () => {
    await agent.stop(30_000);
    await house.close();
  });

  it('make a host take back a candidate that breaks them, and keep the baseline', async () => {
    await startExperiment(house, 'e1', [host], { limits, parameters: { intervalSeconds: 1 } });
    const ledger = () => house.source.getRepository(hostAttempt).findBy({ host });
    await eventually(async () => {
      expect((await ledger()).map(({ stage }) => stage)).toContain('fell-back');
    }, 1200);
    const rows = await ledger();
    const fellBack = rows.find(({ stage }) => stage === 'fell-back');
    expect(rows.map(({ stage }) => stage)).toContain('effective');
    expect(fellBack?.reason).toMatch(/^candidate held \d+ MiB of memory, more than 24 MiB for 15 s$/);
    expect(fellBack?.experimentId).toBe('e1');
    expect(fellBack?.collectors.map(({ variant }) => variant)).toEqual(['baseline']);
  });
});
