import { join } from 'node:path';
import type { Log } from '../process/service.js';
import { onPath } from './probe.js';
import { runTool, withTicks, type ToolRun } from './work.js';

/** `go install <module>@<version>` with the machine's own Go into `folder`. @throws Error when Go is missing or fails. */
export async function goInstall(module: string, folder: string, log: Log): Promise<void> {
  const tool = { ...goTool(folder), args: ['install', '-trimpath', '-ldflags=-s -w', module] };
  await withTicks(`building ${module} with go install`, log, () => runTool(tool));
}

/** Go's command with an environment in which it takes no other toolchain, no C compiler and no surrounding workspace. */
export function goTool(folder: string): Pick<ToolRun, 'command' | 'cwd' | 'env'> {
  const command = onPath('go');
  if (command === undefined) throw new Error('no go on PATH');
  const settings = { GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '', CGO_ENABLED: '0', GOBIN: folder };
  return { command, cwd: folder, env: { ...process.env, ...settings } };
}

/** Name of the folder in which a build may leave what is not the result. */
export function buildFolder(folder: string): string {
  return join(folder, 'build');
}
