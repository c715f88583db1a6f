import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { onFreePorts, resolveCollector, scratchDirectory, spawnService, type Service } from '#tools/embedded';
import { renderForHost, scrapeDelayEnv, type RenderedPipeline, type TopKSelection } from '#lib/pipelines';

/** The pinned collector of this machine. @throws Error where there is none and none can be made */
export async function collectorBinary(): Promise<string> {
  const choice = await resolveCollector(() => undefined);
  if (choice.kind === 'none') throw new Error(choice.reason);
  return choice.part.path;
}

export interface PipelineRun {
  readonly binary: string;
  readonly rendered: RenderedPipeline;
  readonly selection?: TopKSelection;
  readonly meterEndpoint: string;
}

/** A collector that could not be started with a configuration; the message is what it said. */
export class NotLoaded extends Error {
  override readonly name = 'NotLoaded';
}

/** A collector at work, as an agent would run it. */
export interface RunningCollector {
  /** What it has written so far, line by line. */
  readonly log: readonly string[];
  /** How it ended by itself; undefined while it runs. */
  ended(): string | undefined;
  stop(): Promise<void>;
}

const environment = { PATH: '/usr/bin:/bin', METER_TOKEN: 'campaign', [scrapeDelayEnv]: '0ms' };
const READY_MS = 60_000;

/** Asks the collector about the configuration, then starts it. @throws NotLoaded */
export async function startPipeline(run: PipelineRun): Promise<RunningCollector> {
  return onFreePorts(1, async ([telemetryPort = 0]) => {
    const dir = scratchDirectory();
    const file = join(dir, 'collector.yaml');
    writeFileSync(file, onHost(run, telemetryPort));
    try {
      await validate(run.binary, file);
      return await started(run.binary, file, () => rmSync(dir, { recursive: true, force: true }));
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  });
}

function onHost({ meterEndpoint, rendered, selection }: PipelineRun, telemetryPort: number): string {
  return renderForHost(rendered, {
    ...{ variant: 'candidate', destination: { kind: 'none' }, meterTokenEnv: 'METER_TOKEN' },
    ...{ meterEndpoint, telemetryPort },
    ...(selection && { selection }),
  });
}

async function validate(binary: string, file: string): Promise<void> {
  try {
    await promisify(execFile)(binary, ['validate', '--config', file], { env: environment });
  } catch (error) {
    const said = (error as { readonly stderr?: string }).stderr ?? String(error);
    throw new NotLoaded(said.trim().split('\n').at(-1) ?? 'without a word');
  }
}

async function started(binary: string, file: string, tidy: () => void): Promise<RunningCollector> {
  const log: string[] = [];
  const service = await spawnService({
    ...{ name: 'otelcol', command: binary, args: ['--config', file], env: environment },
    output: { log: (line) => void log.push(line.replace(/^otelcol \| /, '')) },
  });
  const deadline = performance.now() + READY_MS;
  while (!log.some((line) => line.includes('Everything is ready'))) {
    if (service.exit() !== undefined || performance.now() > deadline) {
      await service.stop();
      throw new NotLoaded(`not ready: ${log.at(-1) ?? 'without a word'}`);
    }
    await sleep(20);
  }
  return {
    log,
    ended: () => endOf(service),
    stop: async () => {
      await service.stop();
      tidy();
    },
  };
}

function endOf(service: Service): string | undefined {
  const exit = service.exit();
  return exit && `ended by itself (${exit.signal ?? `code ${exit.code}`})`;
}
