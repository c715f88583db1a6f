import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostId } from '#lib/events';
import {
  freePort,
  layOutLeaf,
  repositoryRoot,
  resolveCollector,
  resolveNatsServer,
  spawnService,
  startConfiguredLeaf,
  type Service,
} from '#tools/embedded';
import { TOKEN, type GatewayHouse } from './gateway-house.js';
import type { DoorName } from './door-keys.js';

/** The leaf of one host, as deploy/leaf/host.conf makes it. */
type HostLeaf = Awaited<ReturnType<typeof startConfiguredLeaf>>;

/** A real agent process that enrolled itself, and its own leaf where it has one. */
export class AgentProcess {
  private service: Service | undefined;
  private starts = 0;

  private constructor(
    readonly host: HostId,
    readonly folder: string,
    private readonly dir: string,
    private readonly environment: Readonly<Record<string, string>>,
    readonly leaf: HostLeaf | undefined,
  ) {}

  /** Enrols with the house's token, and starts the leaf if that is the door, not yet the agent. */
  static async enrolled(
    house: GatewayHouse,
    door: DoorName,
    more: Readonly<Record<string, string>> = {},
  ): Promise<AgentProcess> {
    const { config, parts, url } = house;
    const folder = join(parts.dir, 'agent');
    const collector = await resolveCollector(() => undefined);
    if (collector.kind === 'none') throw new Error(collector.reason);
    const base = {
      ...{ PATH: '/usr/bin:/bin', PHOENIX_AGENT_DIR: folder, PHOENIX_TOKEN: TOKEN },
      ...{ PHOENIX_OTELCOL: collector.part.path, ...more },
    };
    const output = { file: join(parts.dir, 'enrol.log') };
    const enrolling = await spawnService({
      ...{ name: 'enrol', command: process.execPath, args: [mainFile(), 'enrol', '--url', url] },
      ...{ env: base, output },
    });
    const { code } = await enrolling.exited;
    if (code !== 0) throw new Error(`enrolment failed: ${await readFile(output.file, 'utf8')}`);
    const { host } = JSON.parse(await readFile(join(folder, 'identity.json'), 'utf8')) as { host: HostId };
    const leaf = door === 'leaf' ? await leafFor(house, host, join(folder, 'host.creds')) : undefined;
    const nowhere = `nats://127.0.0.1:${await freePort()}`;
    const nats = { leaf: leaf?.url ?? nowhere, direct: config.natsUrl, http: nowhere }[door];
    return new AgentProcess(host, folder, parts.dir, { ...base, PHOENIX_AGENT_NATS_URL: nats }, leaf);
  }

  /** `more` replaces or adds variables for this life. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    this.service = await spawnService({
      ...{ name: 'agent', command: process.execPath, args: [mainFile(), 'run'] },
      env: { ...this.environment, ...more },
      output: { file: join(this.dir, `agent-${this.starts++}.log`) },
    });
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.service?.kill();
    this.service = undefined;
  }

  /** A file of the agent's folder; empty while there is none. */
  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8').catch(() => '');
  }

  /** What it wrote in its newest life. */
  log(): Promise<string> {
    return readFile(join(this.dir, `agent-${this.starts - 1}.log`), 'utf8').catch(() => '');
  }

  /** Also what a killed agent has left running: only its next life knows of it. */
  async stop(): Promise<void> {
    if (this.service === undefined && this.starts > 0) await this.start();
    await this.service?.stop(30_000);
    await this.leaf?.stop();
  }
}

async function leafFor({ parts }: GatewayHouse, host: HostId, credsFile: string): Promise<HostLeaf> {
  const dir = join(parts.dir, 'leaf');
  await layOutLeaf(dir, parts.hub.security, {});
  const natsServer = (await resolveNatsServer(() => undefined)).path;
  const hubLeafUrl = parts.hub.leafUrl;
  return startConfiguredLeaf({ kind: 'host', dir, natsServer, name: host, hubLeafUrl, credsFile });
}

function mainFile(): string {
  return join(repositoryRoot(), 'dist', 'apps', 'agent', 'src', 'main.js');
}
