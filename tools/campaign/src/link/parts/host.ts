import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnrolResponse } from '#lib/agent-protocol';
import type { HostId } from '#lib/events';
import { readKeyFile, writePrivateFile } from '#lib/platform';
import { repositoryRoot, spawnService, startLeaf, type Leaf, type Service } from '#tools/embedded';
import type { CampaignHouse } from './house.js';
import { tenant } from './house.js';
import { netnsSite } from '../netns/site.js';
import type { Proxy } from './proxy.js';
import { proxiedSite, type Site, type Way } from './site.js';

/** Whether the way is the link of NATS and nothing else, whose ends ping each other. */
export function isPinged(way: Way): boolean {
  return way === 'direct' || way === 'leaf';
}

/** What a host process is to die of; it kills itself, so that the place is exact. */
export interface Crash {
  readonly step: 'journal' | 'append' | 'cursor' | 'effect';
  readonly when: 'before' | 'after';
  readonly n: number;
}

const STOP_MS = 30_000;
/** Small, so that a cut of seconds already costs windows. */
const METRICS_CAP_BYTES = 24 * 1024;
const SEGMENT_BYTES = 4 * 1024;

interface HostParts {
  readonly id: HostId;
  readonly way: Way;
  readonly site: Site;
  readonly leaf: Leaf | undefined;
  readonly leafOptions: Parameters<typeof startLeaf>[0];
}

/** A host process with its own way to the hub, which can be made to fail. */
export class CampaignHost {
  private service: Service | undefined;

  private leaf: Leaf | undefined;

  private constructor(
    private readonly house: CampaignHouse,
    private readonly parts: HostParts,
  ) {
    this.leaf = parts.leaf;
    this.watchLeaf();
  }

  static async open(house: CampaignHouse, name: string, way: Way): Promise<CampaignHost> {
    const enrolment = await house.enrol(name);
    const id = enrolment.host as HostId;
    const { network } = house;
    const site = network === undefined ? await proxiedSite(house, way) : netnsSite(house, network, way);
    const credsFile = join(house.dir, `${id}.creds`);
    await writePrivateFile(credsFile, enrolment.creds);
    const leafOptions = {
      ...{ dir: join(house.dir, `leaf-${id}`), natsServer: house.natsServer, credsFile },
      hubLeafUrl: `nats-leaf://${site.uplink}`,
      ...(site.leaf !== undefined && { place: site.leaf }),
    };
    const leaf = site.leaf === undefined ? undefined : await startLeaf(leafOptions);
    const host = new CampaignHost(house, { id, way, site, leaf, leafOptions });
    const settings = JSON.stringify(await host.settings(enrolment));
    await writePrivateFile(host.settingsFile, settings);
    return host;
  }

  get id(): HostId {
    return this.parts.id;
  }

  get way(): Way {
    return this.parts.way;
  }

  /** What stands for the link that faults concern: of the leaf where there is one, else the host's own. */
  get link(): Proxy {
    const { proxy } = this.parts.site;
    if (proxy === undefined) throw new Error(`the links of ${this.id} are real ones`);
    return proxy;
  }

  /** What its leaf tells, where it has one. */
  get leafLog(): string {
    return join(this.parts.leafOptions.dir, 'nats-leaf.log');
  }

  /** What the host writes down of itself. */
  get diary(): string {
    return join(this.house.dir, 'diaries', `${this.id}.jsonl`);
  }

  get isRunning(): boolean {
    return this.service !== undefined && this.service.exit() === undefined;
  }

  /** Starts the process; it dies of `crash` when that comes. */
  async start(crash?: Crash): Promise<void> {
    const { namespace } = this.parts.site.host;
    const main = join(repositoryRoot(), 'dist/apps/agent/src/testing/recorded/main.js');
    const logFile = join(this.house.dir, `host-${this.id}.log`);
    this.service = await spawnService({
      name: `host-${this.id}`,
      command: process.execPath,
      args: [main, this.settingsFile, ...(crash === undefined ? [] : [JSON.stringify(crash)])],
      output: { file: logFile },
      ...(namespace !== undefined && { namespace }),
    });
    const { exited } = this.service;
    const isToCrash = crash !== undefined;
    this.house.ends.watch({ process: `host ${this.id}`, exited, logFile, isToCrash });
  }

  async kill(): Promise<void> {
    this.house.ends.expect(this.service?.exited);
    await this.service?.kill();
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.house.ends.expect(this.service?.exited);
    await this.service?.stop(STOP_MS);
  }

  /** The process is killed and everything that it kept is gone. */
  async wipe(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Kills the leaf with SIGKILL and starts it again where it was. */
  async restartLeaf(): Promise<void> {
    const { leaf } = this;
    if (leaf === undefined) return;
    this.house.ends.expect(leaf.exited);
    await leaf.kill();
    this.leaf = await startLeaf({ ...this.parts.leafOptions, port: leaf.port });
    this.watchLeaf();
  }

  async close(): Promise<void> {
    await this.service?.stop(STOP_MS);
    await this.leaf?.stop();
    await this.parts.site.proxy?.close();
  }

  private watchLeaf(): void {
    const { leaf, leafLog } = this;
    if (leaf === undefined) return;
    this.house.ends.watch({ process: `leaf of ${this.id}`, exited: leaf.exited, logFile: leafLog });
  }

  private get folder(): string {
    return join(this.house.dir, `agent-${this.id}`);
  }

  private get settingsFile(): string {
    return join(this.house.dir, `${this.id}.json`);
  }

  private async settings(enrolment: EnrolResponse) {
    return {
      ...{ tenant, host: this.id, folder: this.folder, diary: this.diary },
      ...{ quietFile: quietFileOf(this.house), holdFile: holdFileOf(this.house) },
      doors: await this.doors(enrolment),
      ...{ metricsCapBytes: METRICS_CAP_BYTES, segmentBytes: SEGMENT_BYTES },
      ...{ metricsEveryMs: 120, resultsEveryMs: 400, effectMs: 60 },
    };
  }

  private async doors({ creds, httpCredential = '' }: EnrolResponse) {
    const { gateways } = this.house;
    const { uplink } = this.parts.site;
    if (this.parts.way === 'direct') return [{ kind: 'nats', name: 'hub', url: `nats://${uplink}`, creds }];
    const http = { kind: 'http', name: 'http', credential: httpCredential };
    if (this.parts.way === 'http' || this.leaf === undefined) return [{ ...http, url: `http://${uplink}` }];
    const password = await readKeyFile(this.leaf.passwordFile);
    const leaf = { kind: 'nats', name: 'leaf', url: this.leaf.url, user: this.leaf.user, password };
    return this.parts.way === 'leaf' ? [leaf] : [leaf, { ...http, url: gateways.url }];
  }
}

function quietFileOf({ dir }: CampaignHouse): string {
  return join(dir, 'quiet');
}

function holdFileOf({ dir }: CampaignHouse): string {
  return join(dir, 'hold');
}

/** Until `letGo`, what hosts begin to do does not end: tasks stay accepted and are not done. */
export async function holdEffects(house: CampaignHouse): Promise<() => Promise<void>> {
  await writeFile(holdFileOf(house), '');
  return () => rm(holdFileOf(house));
}

/** From now on hosts say only what they are asked for. */
export async function quieten(house: CampaignHouse): Promise<void> {
  await writeFile(quietFileOf(house), '');
}
