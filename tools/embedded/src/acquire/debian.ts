import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
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
  if (onPath('apt-get') === undefined || onPath('dpkg-deb') === undefined) throw new Error('no apt here');
  if (!/^ID=debian$/m.test(await readFile('/etc/os-release', 'utf8'))) throw new Error('this is not Debian');
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
  const lists = join(build, 'lists');
  const cache = join(build, 'cache');
  const sources = join(build, 'sources.list');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  await writeFile(sources, `deb ${mirror} sid main\n`);
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': lists,
    'Dir::Cache': cache,
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    // apt's own sandbox account could not enter our private folder.
    'APT::Sandbox::User': 'root',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
