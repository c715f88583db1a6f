import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveCollector, scratchDirectory, spawnService, type Service } from '#tools/embedded';
import { scrapeDelayEnv } from '../render/render-for-host.js';

const environment = {
  [scrapeDelayEnv]: '0ms',
  [`${scrapeDelayEnv}_1000MS`]: '0ms',
  METER_TOKEN: 'meter-secret',
  BACKEND_KEY: 'backend-secret',
};

/** The real collector, where this machine has or can make one. */
export async function collectorBinary(): Promise<string> {
  const choice = await resolveCollector(() => undefined);
  if (choice.kind === 'none') throw new Error(choice.reason);
  return choice.part.path;
}

export type RunningCollector = {
  readonly service: Service;
  readonly log: readonly string[];
  stop(): Promise<void>;
};

/** Starts the collector with a configuration and waits until it says that it is ready. */
export async function startCollector(binary: string, yaml: string): Promise<RunningCollector> {
  const { dir, file } = configFile(yaml);
  const log: string[] = [];
  const service = await spawnService({
    name: 'otelcol',
    command: binary,
    args: ['--config', file],
    env: environment,
    output: { log: (line) => void log.push(line) },
  });
  const isReady = (): boolean => log.some((line) => line.includes('Everything is ready'));
  while (!isReady()) {
    if (service.exit() !== undefined) {
      rmSync(dir, { recursive: true, force: true });
      throw new Error(`the collector ended early:\n${log.join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    service,
    log,
    stop: async () => {
      await service.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What the collector's own `validate` says; empty where it accepts the configuration. */
export async function objections(
  binary: string,
  yaml: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { dir, file } = configFile(yaml);
  try {
    await promisify(execFile)(binary, ['validate', '--config', file], {
      env: { ...environment, ...more },
    });
    return '';
  } catch (error) {
    return String(error);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function configFile(yaml: string): { readonly dir: string; readonly file: string } {
  const dir = scratchDirectory();
  const file = join(dir, 'collector.yaml');
  writeFileSync(file, yaml);
  return { dir, file };
}
