import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { hostSubjects } from '#lib/agent-protocol';
import { systemClock } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { repositoryRoot, resolveNatsServer, startHub, type Hub } from '#tools/embedded';
import { AgentProcess } from '../testing/agent-process.js';
import { countingRelay, type CountingRelay } from '../testing/counting-relay.js';
import { GatewayHouse, tenant } from '../testing/gateway-house.js';

const PATIENCE_MS = 180_000;
const MINUTE_MS = 60_000;
/** What an idle host may cost on the wire in a minute, both directions together. */
const BUDGET_BYTES = 8_000;
const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, what, PATIENCE_MS);

/** The part of `status.json` that is about the doors. */
type Status = {
  readonly isLinked: boolean;
  readonly link?: { readonly door: string; readonly server?: string; readonly since: string };
  readonly doors: readonly {
    readonly name: string;
    readonly state: string;
    readonly lastFailure?: { readonly reason: string };
  }[];
};

describe('an idle agent behind a leaf', () => {
  let house: GatewayHouse;
  let agent: AgentProcess;
  let relay: CountingRelay;
  let hub: Hub | undefined;
  let beats = 0;

  beforeAll(async () => {
    house = await GatewayHouse.open(1);
    agent = await AgentProcess.enrolled(house, 'leaf');
    relay = await countingRelay(agent.leaf!.port);
    house.services.connection.subscribe(hostSubjects(tenant, agent.host).heartbeat, {
      callback: () => void (beats += 1),
    });
    await agent.start({ PHOENIX_AGENT_NATS_URL: `nats://127.0.0.1:${relay.port}` });
    await soon(async () => (await status()).link?.door === 'leaf', 'the leaf');
  }, PATIENCE_MS);
  afterAll(async () => {
    await agent.stop();
    relay.close();
    await house.close();
    await hub?.stop();
  }, PATIENCE_MS);

  const status = async () => JSON.parse((await agent.read('status.json')) || '{}') as Partial<Status>;
  const stateOf = async (door: string) => (await status()).doors?.find(({ name }) => name === door)?.state;
  const doctor = (): Promise<string> =>
    new Promise((resolve) => {
      const main = join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js');
      const env = { PATH: '/usr/bin:/bin', PHOENIX_AGENT_DIR: agent.folder };
      execFile(process.execPath, [main, 'doctor'], { env }, (_error, stdout) => resolve(stdout));
    });

  it(
    'costs less than its budget on the wire',
    async () => {
      const [bytes, first, at] = [relay.bytes(), beats, systemClock.now()];
      await soon(() => beats >= first + 6 && systemClock.now() - at >= MINUTE_MS, 'a minute');
      const perMinute = ((relay.bytes() - bytes) * MINUTE_MS) / (systemClock.now() - at);
      process.stdout.write(`an idle host: ${Math.round(perMinute)} bytes a minute\n`);
      expect(perMinute).toBeLessThan(BUDGET_BYTES);
      expect(await stateOf('nats')).toBe('in-use');
    },
    PATIENCE_MS,
  );

  it(
    'notices that the hub is gone though its leaf answers, says so and uses HTTP',
    async () => {
      await house.parts.hub.kill();
      await soon(async () => (await stateOf('http')) === 'in-use', 'the HTTP door');
      expect(await status()).toMatchObject({
        isLinked: true,
        link: { door: 'long-poll' },
        doors: [
          {
            name: 'nats',
            state: 'silent',
            lastFailure: { reason: expect.stringMatching(/hub does not answer/) as string },
          },
          { name: 'http', state: 'in-use' },
        ],
      });
      expect(await agent.log()).toContain('hub does not answer');
      expect(await doctor()).toMatch(
        /runs, linked by long-poll since .*\n.*nats silent since .*; http in-use since/,
      );
    },
    2 * PATIENCE_MS,
  );

  it(
    'returns by itself when the hub is back, and is heard',
    async () => {
      const { path: natsServer } = await resolveNatsServer(() => undefined);
      const { ports } = house.parts.hub;
      hub = await startHub({ dir: join(house.parts.dir, 'hub'), natsServer, ports });
      await soon(async () => (await stateOf('nats')) === 'in-use', 'the leaf');
      expect(await stateOf('http')).toBe('closed');
      const first = beats;
      await soon(() => beats > first, 'a heartbeat');
      expect(await status()).toMatchObject({ isLinked: true, link: { door: 'leaf' } });
    },
    2 * PATIENCE_MS,
  );
});
