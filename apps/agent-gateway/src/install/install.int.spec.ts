import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { enrolmentToken } from '#lib/database';
import { experimentDecider, type ExperimentCommand } from '#lib/domain';
import type { AggregateId, ExperimentSpec, HostId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { agentFile, agentFileName, layOutInstall, type AgentFile } from '#tools/agent-file';
import { resolveCollector, scratchDirectory, type Service } from '#tools/embedded';
import { hashOf } from '../enrolment/enrolment.service.js';
import { eventually, GatewayHouse, tenant, TOKEN } from '../testing/gateway-house.js';
import { InstalledHost } from '../testing/installed-host.js';

const EXPIRED = 'token-of-last-year';

describe('a host that is installed from the gateway, without Node', () => {
  const scratch = scratchDirectory();
  const share = join(scratch, 'share');
  let file: AgentFile;
  let house: GatewayHouse;
  let store: JetStreamEventStore;
  let host: InstalledHost;
  let url: string;
  let otelcol: string;
  let agent: Service | undefined;

  beforeAll(async () => {
    file = await agentFile(() => undefined);
    await layOutInstall(file, share);
    house = await GatewayHouse.open(1, { installDirectory: share });
    store = new JetStreamEventStore(house.services);
    url = `http://127.0.0.1:${house.config.httpPort}`;
    host = await InstalledHost.bare(join(scratch, 'host'));
    const collector = await resolveCollector(() => undefined);
    if (collector.kind === 'none') throw new Error(collector.reason);
    otelcol = collector.part.path;
    await house.source.getRepository(enrolmentToken).insert({
      ...{ id: 'tok2', tenant, tokenHash: hashOf(EXPIRED), labels: {}, site: null, maxUses: 1 },
      ...{ expiresAt: '2020-01-01T00:00:00.000Z', createdAt: systemClock.iso(), createdBy: 'test' },
      revokedAt: null,
    });
  }, 300_000);

  afterAll(async () => {
    await agent?.stop(30_000);
    await house.close();
    await rm(scratch, { recursive: true });
  });

  /** Files below the root, whatever they are. */
  const installed = async (): Promise<readonly string[]> => {
    const entries = await readdir(host.root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  };
  const hostId = async (): Promise<HostId> => {
    const identity = await readFile(join(host.state, 'identity.json'), 'utf8');
    return (JSON.parse(identity) as { readonly host: HostId }).host;
  };

  const eventsOfHost = async (): Promise<readonly string[]> => {
    const id = (await hostId()) as string as AggregateId;
    const commits = await store.load({ tenant, aggregate: 'host', id });
    return commits.flatMap((commit) => commit.events.map(({ type }) => type));
  };

  it('runs as one file with nothing on the path', async () => {
    const { code, out } = await host.run(file.path, ['--version'], { PATH: '/nowhere' });
    expect([code, out.trim()]).toEqual([0, file.version]);
    await expect(host.run('sh', ['-c', 'command -v node'])).resolves.toMatchObject({ code: 127, out: '' });
  });

  it('has no state before it is enrolled, says its doctor', async () => {
    const environment = { PHOENIX_AGENT_DIR: join(scratch, 'nobody') };
    const { code, out } = await host.run(file.path, ['doctor', '--json'], environment);
    expect(code).toBe(1);
    expect(out).toContain('this host is not enrolled');
  });

  it.each([
    ['without a token', [], 2, 'no token'],
    ['with a token that has expired', ['--token', EXPIRED], 6, 'has expired'],
    ['from where nothing is', ['--token', TOKEN, '--from', '/no/such/folder'], 4, 'cannot read /no/such'],
    ['from where nobody answers', ['--token', TOKEN, '--from', 'http://127.0.0.1:1'], 4, 'cannot fetch'],
    [
      'with another sum than was asked for',
      ['--token', TOKEN, '--sha256', '0'.repeat(64)],
      5,
      'bad checksum',
    ],
    ['with an argument that is none', ['--tokn', TOKEN], 2, 'unknown argument --tokn'],
  ])('%s ends with one clear line and installs nothing', async (_case, words, code, line) => {
    const ended = await host.install(['--url', url, ...words]);
    expect(ended.err.trim().split('\n')).toEqual([expect.stringContaining(line)]);
    expect(ended.code).toBe(code);
    expect(await installed()).toEqual([]);
    await expect(stat(host.state)).rejects.toThrow('ENOENT');
  });

  it('refuses a file that is not the one that was summed', async () => {
    const spoilt = join(scratch, 'spoilt');
    await mkdir(spoilt);
    await cp(join(share, 'SHA256SUMS'), join(spoilt, 'SHA256SUMS'));
    await writeFile(join(spoilt, file.name), '#!/bin/sh\necho 0.1.0\n');
    const ended = await host.install(['--url', url, '--token', TOKEN, '--from', spoilt]);
    expect(ended).toMatchObject({ code: 5, err: expect.stringContaining('bad checksum') as string });
    expect(await installed()).toEqual([]);
  });

  it('refuses an agent that does not run here', async () => {
    const foreign = join(scratch, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, file.name), 'no program');
    const { stdout } = await promisify(execFile)('sha256sum', [file.name], { cwd: foreign });
    await writeFile(join(foreign, 'SHA256SUMS'), stdout);
    const ended = await host.install(['--url', url, '--token', TOKEN, '--from', foreign]);
    expect(ended).toMatchObject({ code: 3, err: expect.stringContaining('does not run here') as string });
    expect(await installed()).toEqual([]);
  });

  it('is enrolled by one command', async () => {
    const tokenFile = join(scratch, 'token');
    await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    const where = ['--nats', house.parts.hub.url, '--otelcol', otelcol];
    const ended = await host.install(['--url', `${url}/`, '--token-file', tokenFile, ...where]);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toContain(`enrolled as host ${await hostId()} of tenant ${tenant}`);
    expect(ended.out).toContain(`start it with: set -a && . ${host.environmentFile} && ${host.agent} run`);
    expect((await stat(host.state)).mode & 0o777).toBe(0o700);
    expect((await stat(host.environmentFile)).mode & 0o777).toBe(0o600);
  });

  it('leaves the token nowhere', async () => {
    await expect(promisify(execFile)('grep', ['-raF', TOKEN, host.root])).rejects.toMatchObject({ code: 1 });
  });

  it('has a unit that systemd understands, which starts the agent for ever and stops it in order', async () => {
    const settings = Object.fromEntries(await host.settings());
    expect(settings).toMatchObject({
      ...{ ExecStart: `${host.agent} run`, Restart: 'always', KillMode: 'mixed', ProtectSystem: 'strict' },
      ...{ ReadWritePaths: host.state, NoNewPrivileges: 'yes' },
    });
    const verify = await host.run('/usr/bin/env', ['sh', '-c', VERIFY, 'sh', host.unit]);
    expect(verify).toEqual({ code: 0, out: '', err: '' });
  });

  it('comes online as the unit starts it, and all its doctor looks at is well', async () => {
    agent = await host.start(join(scratch, 'agent.log'));
    // On a busy machine its collector may tell late what it offers, which is an event of its own.
    const told = async () => (await eventsOfHost()).filter((type) => type !== 'HostInventoryReported');
    await patiently(async () => expect(await told()).toEqual(['HostEnrolled', 'HostCameOnline']));
    await patiently(async () => {
      const { out } = await host.run(host.agent, ['doctor'], await host.environment());
      expect(out.split('\n').filter((line) => line.startsWith('FIX'))).toEqual([]);
      const privileges = process.getuid?.() === 0 ? 'runs as nobody with CAP_SYS_PTRACE' : "agent's user";
      expect(out).toContain(privileges);
    });
  });

  it('runs real collectors with the capabilities of the unit', async () => {
    const commands = new CommandHandler(store, systemClock);
    const id = await hostId();
    const tell = (command: ExperimentCommand) =>
      commands.handle(experimentDecider, experiment, command, {
        commandId: commandIdFrom(command.type),
        actor: { kind: 'user', id: 'u1' },
      });
    const at = systemClock.iso();
    await tell({ type: 'DraftExperiment', at, spec });
    const baseline = { template: 'baseline', parameters: {} };
    const candidate = { template: 'topk', parameters: { k: 10 } };
    await tell({ type: 'StartExperiment', at, hosts: [id], baseline, candidate });
    await patiently(async () => expect(await eventsOfHost()).toContain('HostConfigurationApplied'));
  });

  it('keeps its enrolment and its configuration when it is installed again, without a token', async () => {
    const before = await readFile(join(host.state, 'host.creds'), 'utf8');
    await writeFile(
      host.environmentFile,
      `${await readFile(host.environmentFile, 'utf8')}PHOENIX_LOG_LEVEL=warn\n`,
    );
    const ended = await host.install(['--url', url]);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toContain('enrolled already');
    expect(await readFile(join(host.state, 'host.creds'), 'utf8')).toBe(before);
    expect(await host.environment()).toMatchObject({
      PHOENIX_AGENT_NATS_URL: house.parts.hub.url,
      PHOENIX_LOG_LEVEL: 'warn',
    });
  });

  it('keeps the agent that it has when a newer one cannot be had', async () => {
    const ended = await host.install(['--url', url, '--from', join(scratch, 'spoilt')]);
    expect(ended.code).toBe(5);
    expect(await host.run(host.agent, ['--version'])).toMatchObject({ code: 0, out: `${file.version}\n` });
  });

  it('is uninstalled by one command, which stops the agent and keeps the state', async () => {
    const ended = await host.install(['--uninstall']);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(await agent?.exited).toEqual({ code: 0, signal: null });
    expect(await installed()).not.toContain('phoenix-agent');
    expect(await installed()).not.toContain('phoenix-agent.service');
    expect(await hostId()).toBeDefined();
  });

  it('leaves nothing behind when it is purged, also when nothing was there', async () => {
    for (let times = 0; times < 2; times++) {
      expect(await host.install(['--uninstall', '--purge'])).toMatchObject({ code: 0, err: '' });
      expect(await installed()).toEqual([]);
      await expect(stat(host.state)).rejects.toThrow('ENOENT');
    }
  });

  it('can fetch nothing else from the gateway', async () => {
    for (const name of ['..%2fgateway.creds', 'agent.log', 'phoenix-agent-linux-riscv64']) {
      const answer = await fetch(`${url}/install/${name}`);
      expect([name, answer.status]).toEqual([name, 404]);
    }
    const whole = await fetch(`${url}/install/${agentFileName()}`, { method: 'GET' });
    expect((await whole.arrayBuffer()).byteLength).toBe(file.bytes);
  });
});

/** A machine without systemd has the settings checked alone. */
const VERIFY =
  'PATH=/usr/bin:/bin; command -v systemd-analyze >/dev/null || exit 0; systemd-analyze verify "$1"';

const experiment = { tenant, aggregate: 'experiment', id: 'e1' as AggregateId } as const;
const spec: ExperimentSpec = {
  ...{ name: 'top ten', targets: {}, guardrails: [], criticalProcesses: [], confidence: 0.95 },
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 10 } },
  schedule: { warmupSeconds: 10, minimumSeconds: 60, maximumSeconds: 60, deploySeconds: 60 },
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  tariff: 'grafana-cloud-pro',
};

/** As `eventually`, for what takes a real agent and real collectors. */
async function patiently(assertion: () => Promise<void>): Promise<void> {
  for (let rounds = 1; ; rounds++) {
    try {
      await eventually(assertion);
      return;
    } catch (error) {
      if (rounds === 4) throw error;
    }
  }
}
