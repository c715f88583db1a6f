/** What a kind of process is like. Sizes in bytes, rates per second, CPU in cores, lives in seconds. */
export type ProcessKind = {
  readonly name: ProcessKindName;
  readonly executables: readonly [ExecutableKind, ...ExecutableKind[]];
  /** Share of the places on a host that it has. */
  readonly share: number;
  /** How long one lives on average; `undefined` for those that outlive any recording. */
  readonly meanLifeSeconds?: number;
  /** How long its place stays empty on average until another of its kind begins. */
  readonly meanPauseSeconds: number;
  readonly cpu: { readonly least: number; readonly most: number; readonly shape: number };
  readonly memory: { readonly least: number; readonly most: number; readonly shape: number };
  readonly diskBytesPerSecond: number;
  readonly threads: readonly [number, number];
  readonly files: readonly [number, number];
};

export type ProcessKindName = 'kernel' | 'daemon' | 'web' | 'database' | 'batch' | 'shell';

export type ExecutableKind = {
  readonly name: string;
  readonly path: string;
  /** Arguments; `{}` becomes a number of this process, as worker numbers and job numbers do. */
  readonly arguments: string;
  readonly owner: string;
  /** One whose loss somebody would be woken up for. */
  readonly critical?: true;
};

const MIB = 1024 * 1024;

const at = (path: string, words: string, owner: string): ExecutableKind => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  ...{ path, arguments: words, owner },
});
const critical = (kind: ExecutableKind): ExecutableKind => ({ ...kind, critical: true });
/** A kernel thread has neither a file nor arguments. */
const thread = (name: string): ExecutableKind => ({ name, path: '', arguments: '', owner: 'root' });

/** The kinds in a fixed order; shares add up to 1. */
export const processKinds: readonly [ProcessKind, ...ProcessKind[]] = [
  {
    name: 'kernel',
    executables: [thread('kworker/{}:1-events'), thread('ksoftirqd/{}'), thread('kcompactd{}')],
    ...{ share: 0.15, meanPauseSeconds: 0, diskBytesPerSecond: 0, threads: [1, 1], files: [0, 0] },
    cpu: { least: 0.0001, most: 0.02, shape: 1.3 },
    memory: { least: 0, most: 0, shape: 1 },
  },
  {
    name: 'daemon',
    executables: [
      critical(at('/usr/sbin/sshd', '-D', 'root')),
      at('/usr/lib/systemd/systemd-journald', '', 'root'),
      at('/usr/sbin/cron', '-f', 'root'),
      at('/usr/bin/dbus-daemon', '--system --address=systemd: --nofork', 'messagebus'),
      at('/usr/sbin/chronyd', '-F 1', '_chrony'),
      at('/usr/bin/containerd', '', 'root'),
    ],
    ...{ share: 0.25, meanPauseSeconds: 0, diskBytesPerSecond: 500, threads: [1, 12], files: [8, 60] },
    cpu: { least: 0.0002, most: 0.1, shape: 1.2 },
    memory: { least: 3 * MIB, most: 200 * MIB, shape: 1.1 },
  },
  {
    name: 'web',
    executables: [
      critical(at('/usr/sbin/nginx', 'worker process {}', 'www-data')),
      at('/usr/bin/node', '/srv/shop/server.js --worker {}', 'app'),
      at('/usr/sbin/php-fpm', 'pool www {}', 'www-data'),
      at('/usr/bin/python3', '/srv/api/main.py --port 80{}', 'app'),
    ],
    ...{ share: 0.3, meanLifeSeconds: 1_800, meanPauseSeconds: 2, diskBytesPerSecond: 20_000 },
    ...{ threads: [1, 24], files: [20, 400] },
    cpu: { least: 0.004, most: 2, shape: 1.05 },
    memory: { least: 20 * MIB, most: 2_048 * MIB, shape: 1.2 },
  },
  {
    name: 'database',
    executables: [
      critical(at('/usr/lib/postgresql/18/bin/postgres', 'app app 10.0.0.{} idle', 'postgres')),
      critical(at('/usr/bin/redis-server', '127.0.0.1:63{}', 'redis')),
    ],
    ...{ share: 0.1, meanLifeSeconds: 3_600, meanPauseSeconds: 2, diskBytesPerSecond: 400_000 },
    ...{ threads: [1, 40], files: [30, 800] },
    cpu: { least: 0.01, most: 3, shape: 1 },
    memory: { least: 15 * MIB, most: 8_192 * MIB, shape: 0.9 },
  },
  {
    name: 'batch',
    executables: [
      at('/usr/bin/java', '-Xmx2g -jar /srv/report/report.jar --job {}', 'batch'),
      at('/usr/bin/rsync', '-a /srv/data backup:/srv/{}', 'backup'),
      at('/usr/bin/gzip', '-9 /var/log/app.log.{}', 'root'),
    ],
    ...{ share: 0.08, meanLifeSeconds: 120, meanPauseSeconds: 60, diskBytesPerSecond: 3_000_000 },
    ...{ threads: [1, 30], files: [4, 90] },
    cpu: { least: 0.1, most: 4, shape: 1.1 },
    memory: { least: 5 * MIB, most: 4_096 * MIB, shape: 1 },
  },
  {
    name: 'shell',
    executables: [
      at('/usr/bin/bash', '-c /srv/bin/check-{}', 'app'),
      at('/usr/bin/curl', '-fsS http://127.0.0.1:8080/health?{}', 'app'),
      at('/usr/bin/sleep', '{}', 'app'),
      at('/usr/bin/grep', '-c error /var/log/app-{}.log', 'root'),
    ],
    ...{ share: 0.12, meanLifeSeconds: 15, meanPauseSeconds: 10, diskBytesPerSecond: 50_000 },
    ...{ threads: [1, 1], files: [3, 12] },
    cpu: { least: 0.001, most: 1, shape: 1.3 },
    memory: { least: 1 * MIB, most: 64 * MIB, shape: 1.6 },
  },
];

/** The executables of a made-up fleet that a pipeline had better keep, in order. */
export const syntheticCriticalProcesses: readonly string[] = processKinds
  .flatMap(({ executables }) => executables)
  .filter((executable) => executable.critical)
  .map(({ name }) => name)
  .sort();
