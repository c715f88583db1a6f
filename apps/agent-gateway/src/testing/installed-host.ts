import { spawn } from 'node:child_process';
import { accessSync, existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { repositoryRoot, spawnService, type Service } from '#tools/embedded';

/** What a bare Linux host has and the installer or the agent calls. Neither Node nor npm is among them. */
const PROGRAMS = [
  ...[
    'awk',
    'cat',
    'chmod',
    'cp',
    'curl',
    'grep',
    'id',
    'mkdir',
    'mv',
    'prlimit',
    'readlink',
    'rm',
    'setpriv',
  ],
  ...['sha256sum', 'sh', 'sleep', 'true', 'uname'],
];

/** How a command ended. */
export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** A host that has what every host has, and on which Phoenix is installed below `root`. */
export class InstalledHost {
  private constructor(
    /** Where everything goes, as `--root`. */
    readonly root: string,
    private readonly path: string,
  ) {}

  /** A bare host whose files lie in `folder`. */
  static async bare(folder: string): Promise<InstalledHost> {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    for (const program of PROGRAMS) {
      const found = ['/usr/bin', '/bin']
        .map((place) => join(place, program))
        .find((path) => existsSync(path));
      if (found === undefined) throw new Error(`this machine has no ${program}`);
      await symlink(found, join(bin, program));
    }
    const root = join(folder, 'root');
    await mkdir(root);
    return new InstalledHost(root, bin);
  }

  get agent(): string {
    return join(this.root, 'usr/local/bin/phoenix-agent');
  }

  get state(): string {
    return join(this.root, 'var/lib/phoenix-agent');
  }

  get unit(): string {
    return join(this.root, 'etc/systemd/system/phoenix-agent.service');
  }

  get environmentFile(): string {
    return join(this.root, 'etc/phoenix-agent/agent.env');
  }

  /** Runs the repository's install.sh below this host's root. */
  install(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const script = join(repositoryRoot(), 'deploy', 'install', 'install.sh');
    return this.run('/bin/sh', [script, '--root', this.root, ...words], environment);
  }

  /** Runs a command with nothing but this host's programs and variables. */
  async run(
    command: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const child = spawn(command, words, { env: { PATH: this.path, ...environment } });
    const closed = new Promise<number | null>((resolve, reject) =>
      child.once('close', resolve).once('error', reject),
    );
    const [code, out, err] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
    return { code, out, err };
  }

  /** Settings of the unit, in order. */
  async settings(): Promise<readonly (readonly [key: string, value: string])[]> {
    const lines = (await readFile(this.unit, 'utf8')).split('\n').filter((line) => /^[A-Z]\w*=/.test(line));
    return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  }

  /** The variables that systemd would give to the agent. */
  async environment(): Promise<Readonly<Record<string, string>>> {
    const settings = await this.settings();
    const files = settings.filter(([key]) => key === 'EnvironmentFile').map(([, value]) => value);
    const lines = settings.filter(([key]) => key === 'Environment').map(([, value]) => value);
    for (const file of files) lines.push(...(await readFile(file, 'utf8')).trim().split('\n'));
    const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  /** Starts what the unit starts, with the unit's variables and no more than its capabilities. */
  async start(log: string): Promise<Service> {
    const settings = new Map(await this.settings());
    const [program = '', ...words] = (settings.get('ExecStart') ?? '').split(' ');
    accessSync(program);
    const capabilities = (settings.get('CapabilityBoundingSet') ?? '').split(' ');
    const bounds = capabilities.map((name) => `+${name.replace('CAP_', '').toLowerCase()}`).join();
    const limited = ['setpriv', `--bounding-set=-all,${bounds}`, '--no-new-privs', program, ...words];
    // Only root has capabilities to lose.
    const [command = '', ...args] = process.getuid?.() === 0 ? limited : [program, ...words];
    return spawnService({
      ...{ name: 'installed-agent', command, args, output: { file: log } },
      env: { PATH: this.path, ...(await this.environment()) },
    });
  }
}
