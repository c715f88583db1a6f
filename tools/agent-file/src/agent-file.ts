import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder, dataDirectory, repositoryRoot, type Log } from '#tools/embedded';
import { bundleAgent } from './bundle.js';
import { makeExecutable } from './executable.js';
import { agentFileName } from './platform.js';

const run = promisify(execFile);
const SUMS = 'SHA256SUMS';

/** The agent as one file that needs no Node. */
export interface AgentFile {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  /** True when the same agent had been made before. */
  readonly cached: boolean;
}

/** The agent's file for this machine; made once for each state of its sources and each Node. @throws Error */
export async function agentFile(log: Log): Promise<AgentFile> {
  const name = agentFileName();
  const program = await bundleAgent();
  const node = `${process.version} ${(await stat(process.execPath)).size}`;
  const hash = createHash('sha256').update(program).update(node).digest('hex').slice(0, 16);
  const made = await cachedFolder(
    `agent-file-${hash}`,
    log,
    async (folder) => {
      await makeExecutable(program, join(folder, name), folder);
      await versionOf(join(folder, name));
    },
    dataDirectory(),
  );
  const path = join(made.path, name);
  return { path, name, version: await versionOf(path), bytes: (await stat(path)).size, cached: made.cached };
}

/**
 * Lays out what a host installs from: the agent's file, install.sh, and the sums of all agent files in the folder, so
 * that files made on machines of other kinds can be put beside it and be summed by another run.
 */
export async function layOutInstall(file: AgentFile, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await place(file.path, join(folder, file.name));
  await place(join(repositoryRoot(), 'deploy', 'install', 'install.sh'), join(folder, 'install.sh'));
  const names = (await readdir(folder)).filter((name) => /^phoenix-agent-[a-z0-9-]+$/.test(name)).sort();
  const lines = await Promise.all(names.map(async (name) => `${await sumOf(join(folder, name))}  ${name}\n`));
  await writeFile(join(folder, SUMS), lines.join(''));
}

/** Under another name first: a gateway may be handing it out. */
async function place(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.part`);
  await rename(`${to}.part`, to);
}

async function sumOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** What it says of itself with nothing on the path. @throws Error when it does not run here */
async function versionOf(path: string): Promise<string> {
  const { stdout } = await run(path, ['--version'], { env: {} });
  return stdout.trim();
}
