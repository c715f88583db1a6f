import { OUTBOX_HEADERS } from '#lib/agent-protocol';
import { hostAttempt, hostPresence } from '#lib/database';
import { decodeWindowMessage } from '#lib/metering';
import { eventually } from '#lib/platform-testing';
import { AgentProcess } from '../testing/agent-process.js';
import { startExperiment } from '../testing/experiments.js';
import { GatewayHouse } from '../testing/gateway-house.js';
import { messagesOf } from '../testing/stored-messages.js';

const PATIENCE_MS = 180_000;
/** Resident memory that a real collector has, and nothing smaller; bytes. */
const A_COLLECTOR = 30e6;
const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, what, PATIENCE_MS);

/** The door `http` of an agent process: it enrolled over HTTP, and at its NATS address nobody listens. */
describe('a host that reaches the gateway over HTTP and nothing else', () => {
  let house: GatewayHouse;
  let agent: AgentProcess;

  beforeAll(async () => {
    house = await GatewayHouse.open(1);
    agent = await AgentProcess.enrolled(house, 'http');
    await agent.start();
  }, PATIENCE_MS);
  afterAll(async () => {
    await agent.stop();
    await house.close();
  }, PATIENCE_MS);

  const windows = async () =>
    (await messagesOf(house, 'METRICS', agent.host)).map(({ data, header }) => ({
      window: decodeWindowMessage(data),
      n: Number(header(OUTBOX_HEADERS.n)),
      experiment: header('Phx-Experiment'),
    }));
  const stages = async () =>
    (await house.source.getRepository(hostAttempt).findBy({ host: agent.host })).map(({ stage }) => stage);

  it(
    'is online by that door',
    async () => {
      const presence = () => house.source.getRepository(hostPresence).findOneBy({ host: agent.host });
      await soon(async () => (await presence())?.door === 'long-poll', 'its heartbeat');
      expect(JSON.parse(await agent.read('status.json'))).toMatchObject({
        isLinked: true,
        collector: expect.stringContaining('otelcol') as string,
        link: { door: 'long-poll' },
        doors: [
          { name: 'nats', state: 'not-connected' },
          { name: 'http', state: 'in-use' },
        ],
      });
    },
    PATIENCE_MS,
  );

  it(
    'takes an experiment, tells each stage of it, and meters both variants with real collectors',
    async () => {
      await startExperiment(house, 'e1', [agent.host]);
      await soon(async () => (await stages()).includes('effective'), 'the order to take effect');
      expect((await stages()).sort()).toEqual(['applying', 'effective', 'offered', 'received', 'validated']);
      /** Both variants, each with what its process used of the machine. */
      const both = ({ window: { collectors } }: Awaited<ReturnType<typeof windows>>[number]) =>
        new Set(collectors.map(({ variant }) => variant)).size === 2 &&
        collectors.every(({ use }) => use !== null && use.rssBytes > A_COLLECTOR);
      await soon(async () => (await windows()).filter(both).length >= 2, 'windows of both variants');
      const stored = await windows();
      expect(stored.map(({ n }) => n)).toEqual(stored.map((_, i) => i + 1));
      expect(new Set(stored.map(({ experiment, window }) => `${experiment} ${window.host}`))).toEqual(
        new Set([`e1 ${agent.host}`]),
      );
    },
    2 * PATIENCE_MS,
  );
});
