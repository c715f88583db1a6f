import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeDisk, reasonOf, type Clock, type Log } from '#lib/agent-core';
import { limitsOf } from '#lib/agent-protocol';
import { defaultDestination, type Destination, type HostFacts, type VariantBinding } from '#lib/pipelines';
import { freePort } from '../machine/ports.js';
import type { MeterServer } from '../meter/meter-server.js';
import type { Metering } from '../meter/metering.js';
import type { Backend, Backends } from './backend.js';
import { complaintIn } from './collector-log.js';
import {
  CollectorError,
  isGuarded,
  orderKey,
  type Collector,
  type CollectorEngine,
  type CollectorSpec,
} from './collector.js';
import type { CollectorProgram } from './find-collector.js';
import { hostConfig, type HostConfig } from './host-config.js';
import {
  FOLDER_ENV,
  instanceFiles,
  TOKEN_ENV,
  writeRecord,
  type InstanceFiles,
  type InstanceRecord,
} from './instance-file.js';
import type { MemoryCap } from './memory-cap.js';
import type { Permits } from './permits.js';
import type { Privileges } from './privileges.js';
import { COLLECTOR_PATH, launch, processCollector } from './process-collector.js';
import { findSurvivors } from './survivors.js';

export type OtelcolOptions = {
  readonly program: CollectorProgram;
  readonly folder: string;
  readonly privileges: Privileges;
  readonly memoryCap: MemoryCap;
  /** What stands before a program that is to end with the agent. */
  readonly lifeline: readonly string[];
  readonly facts: HostFacts;
  readonly backends: Backends;
  /** What of this host an imported configuration may read. */
  readonly permits: Permits;
  readonly metering: Metering;
  readonly meter: MeterServer;
  readonly clock: Clock;
  readonly log: Log;
};

const run = promisify(execFile);
const VALIDATE_BUDGET_MS = 20_000;

/** Runs real collectors, each in a process group and a folder of its own. */
export class OtelcolEngine implements CollectorEngine {
  readonly kind = 'otelcol';

  constructor(private readonly options: OtelcolOptions) {}

  get version(): string {
    return this.options.program.version;
  }

  /** Asks the real collector, with the very configuration that would run. */
  async validate(spec: CollectorSpec): Promise<string | undefined> {
    const { destination } = spec.rendered;
    if (spec.role === 'live' && destination !== undefined && this.backendFor(spec) === undefined)
      return `this host knows no destination ${destination}`;
    const files = this.files(`validate-${randomBytes(6).toString('hex')}`);
    try {
      const config = await this.writeConfig(files, spec, await this.newRecord(files, spec));
      await run(this.options.program.path, ['validate', `--config=${files.config}`], {
        timeout: VALIDATE_BUDGET_MS,
        env: { PATH: COLLECTOR_PATH, ...this.environment(spec, config, files, 'none') },
      });
      return undefined;
    } catch (error) {
      const said = (error as { readonly stderr?: string }).stderr ?? '';
      return said === '' ? reasonOf(error) : complaintIn(said);
    } finally {
      await rm(files.folder, { recursive: true, force: true });
    }
  }

  async start(spec: CollectorSpec): Promise<Collector> {
    const { clock, lifeline, memoryCap, metering, privileges, program } = this.options;
    const instance = `${spec.variant}-${spec.configHash.slice(0, 8)}-${randomBytes(4).toString('hex')}`;
    const files = this.files(instance);
    try {
      const record = await this.newRecord(files, spec);
      const config = await this.writeConfig(files, spec, record);
      await writeRecord(files, record);
      const cap = isGuarded(spec) ? await memoryCap.prefixFor(limitsOf(spec.limits), instance) : [];
      const bond = spec.isTrial === true ? lifeline : [];
      const command = [...cap, ...privileges.prefix, ...bond, program.path, `--config=${files.config}`];
      const token = randomBytes(24).toString('base64url');
      const started = await launch(command, files, this.environment(spec, config, files, token));
      await writeRecord(files, { ...record, process: started.identity });
      const collector = processCollector({ spec, record, token, files, clock, ...started, isAdopted: false });
      metering.admit(collector.admission);
      void collector.exited.then(() => memoryCap.release(instance));
      return collector;
    } catch (error) {
      await rm(files.folder, { recursive: true, force: true }).catch(() => undefined);
      await memoryCap.release(instance);
      throw asCollectorError(error);
    }
  }

  survivors(wanted: readonly CollectorSpec[]): Promise<readonly Collector[]> {
    const { clock, folder, log, meter, metering } = this.options;
    return findSurvivors({
      folder,
      wanted,
      meterPort: meter.port,
      clock,
      log,
      admit: (admission) => metering.admit(admission),
    });
  }

  private files(instance: string): InstanceFiles {
    return instanceFiles(this.options.folder, instance);
  }

  private async newRecord(files: InstanceFiles, spec: CollectorSpec): Promise<InstanceRecord> {
    return {
      instance: files.folder.slice(this.options.folder.length + 1),
      orderKey: orderKey(spec),
      ...(spec.selection && { selection: spec.selection }),
      ...(spec.selectionChanges && { selectionChanges: spec.selectionChanges }),
      telemetryPort: await freePort(),
      meterPort: this.options.meter.port,
      ...(spec.rendered.ingress && { receiverPort: await freePort() }),
    };
  }

  private async writeConfig(
    files: InstanceFiles,
    spec: CollectorSpec,
    record: InstanceRecord,
  ): Promise<HostConfig> {
    const { facts, meter, permits, privileges } = this.options;
    const binding = {
      ...this.destination(spec),
      meterEndpoint: meter.endpoint,
      meterTokenEnv: TOKEN_ENV,
      telemetryPort: record.telemetryPort,
      facts,
      ...(record.receiverPort !== undefined && { receiverPort: record.receiverPort }),
      ...(spec.selection && { selection: spec.selection }),
    };
    const config = hostConfig(spec.rendered, binding, permits);
    await nodeDisk.ensureFolder(files.folder);
    await nodeDisk.replace(files.config, config.yaml);
    if (privileges.uid !== undefined) await this.handOver(files, privileges.uid);
    return config;
  }

  /** The folder and what it is in stay the agent's; the collector may read its configuration and no more. */
  private async handOver(files: InstanceFiles, uid: number): Promise<void> {
    // In this order: what is another user's, root cannot change without one more capability.
    await chmod(files.config, 0o400);
    await chown(files.config, uid, uid);
  }

  /**
   * A shadow, or a host without a backend, sends to the sink, so that both variants spend the same CPU on sending.
   * What a binding calls baseline is the one that may reach the backend: also a candidate that was promoted.
   */
  private destination(spec: CollectorSpec): VariantBinding {
    const backend = this.backendFor(spec)?.destination;
    const sink: Extract<Destination, { kind: 'localSink' }> = {
      kind: 'localSink',
      // The collector puts its token in, so that none stands on the disk.
      endpoint: this.options.meter.sinkEndpoint(`\${env:${TOKEN_ENV}}`),
      ...(backend?.kind === 'profile' && { insteadOf: backend.profile }),
    };
    if (spec.role === 'shadow') return { variant: 'candidate', destination: sink };
    return { variant: 'baseline', destination: backend ?? sink };
  }

  /** An imported configuration has exporters of its own and gets no backend of the host, nor its secrets. */
  private backendFor({ rendered }: CollectorSpec): Backend | undefined {
    if (rendered.imported === true) return undefined;
    return this.options.backends.get(rendered.destination ?? defaultDestination);
  }

  /** The agent's own environment may hold secrets of others, so a collector gets only what it needs. */
  private environment(
    spec: CollectorSpec,
    config: HostConfig,
    { folder }: InstanceFiles,
    token: string,
  ): Readonly<Record<string, string>> {
    return {
      ...config.environment(this.options.clock.now()),
      [TOKEN_ENV]: token,
      [FOLDER_ENV]: folder,
      ...(spec.role === 'live' && this.backendFor(spec)?.environment),
    };
  }
}

function asCollectorError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'EACCES') return new CollectorError('collector-missing', reasonOf(error));
  if (code === 'ENOSPC' || code === 'EROFS') return new CollectorError('no-disk', reasonOf(error));
  return error;
}

/** Where the collectors of an agent live that are tried beside the others. */
export function sandboxFolder(agentFolder: string): string {
  return join(agentFolder, 'sandbox');
}

/** Where the collectors of an agent live. */
export function collectorsFolder(agentFolder: string): string {
  return join(agentFolder, 'collectors');
}
