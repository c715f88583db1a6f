import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Log } from '../process/service.js';
import { buildFolder } from './go.js';
import { onPath } from './probe.js';
import { runTool, withTicks } from './work.js';

export interface DebianProgram {
  readonly packageName: string;
  /** Where the package keeps the program, such as `usr/sbin/nats-server`. */
  readonly program: string;
}

/**
 * Unpacks a program of Debian's unstable suite without installing anything: a private source list and private
 * state folders, with the mirror, proxies and keys of the machine's own apt configuration.
 * @throws Error when this is no Debian, or the package cannot be had.
 */
export async function unpackFromDebian(wanted: DebianProgram, folder: string, log: Log): Promise<void> {
  await requireDebian();
  const { packageName, program } = wanted;
  const build = buildFolder(folder);
  const mirror = await machineMirror(folder);
  const options = await privateApt(build, mirror);

  await withTicks(`fetching Debian's ${packageName} from unstable`, log, async () => {
    await runTool({ command: 'apt-get', args: [...options, 'update'], cwd: build });
    await runTool({ command: 'apt-get', args: [...options, 'download', packageName], cwd: build });
  });
  const archive = readdirSync(build).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt brought no ${packageName}`);
  await runTool({ command: 'dpkg-deb', args: ['-x', archive, 'root'], cwd: build });
  await copyFile(join(build, 'root', program), join(folder, basename(program)));
  await rm(build, { recursive: true });
}

/**
 * Unpacks a program of this machine's own Debian release into `folder/root`, together with the packages that it needs
 * and the machine lacks. Nothing is installed: apt reads what is there, and keeps its lists and archives in `folder`.
 * @returns the folders with libraries, relative to `root`
 * @throws Error when this is no Debian, or a package cannot be had.
 */
export async function unpackWithLibraries(
  packageName: string,
  folder: string,
  log: Log,
): Promise<readonly string[]> {
  await requireDebian();
  const build = buildFolder(folder);
  const options = await privateState(build);
  await withTicks(`fetching Debian's ${packageName} and what it needs`, log, async () => {
    await runTool({ command: 'apt-get', args: [...options, 'update'], cwd: build });
    const wanted = ['--yes', '--no-install-recommends', '--download-only', 'install', packageName];
    await runTool({ command: 'apt-get', args: [...options, ...wanted], cwd: build });
  });
  const archives = join(build, 'cache', 'archives');
  const root = join(folder, 'root');
  for (const name of readdirSync(archives).filter((file) => file.endsWith('.deb')))
    await runTool({ command: 'dpkg-deb', args: ['-x', join(archives, name), root], cwd: build });
  await rm(build, { recursive: true });
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return [...new Set(files.filter((file) => /\.so(\.\d+)*$/.test(file)).map((file) => dirname(file)))];
}

async function requireDebian(): Promise<void> {
  if (onPath('apt-get') === undefined || onPath('dpkg-deb') === undefined) throw new Error('no apt here');
  if (!/^ID=debian$/m.test(await readFile('/etc/os-release', 'utf8'))) throw new Error('this is not Debian');
}

/** The mirror from which this machine takes Debian itself (not its security updates, which have no unstable). */
async function machineMirror(cwd: string): Promise<string> {
  const targets = ['indextargets', '--format', '$(SITE) $(RELEASE)', 'Created-By: Packages'];
  const lines = await runTool({ command: 'apt-get', args: targets, cwd });
  const mirror = lines
    .map((line) => line.split(' '))
    .find(([, release]) => !release?.endsWith('-security'))?.[0];
  if (mirror === undefined || mirror === '') throw new Error('apt names no Debian mirror');
  return mirror;
}

async function privateApt(build: string, mirror: string): Promise<readonly string[]> {
  const sources = join(build, 'sources.list');
  const state = await privateState(build);
  await writeFile(sources, `deb ${mirror} sid main\n`);
  return [...state, ...asOptions({ 'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '-' })];
}

/** Lists and archives in our folder, so that no lock of the machine's is taken and no right to it is needed. */
async function privateState(build: string): Promise<readonly string[]> {
  const lists = join(build, 'lists');
  const cache = join(build, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  return asOptions({
    'Dir::State::lists': lists,
    'Dir::Cache': cache,
    'Debug::NoLocking': 'true',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    // apt's own sandbox account could not enter our private folder.
    'APT::Sandbox::User': 'root',
  });
}

function asOptions(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
