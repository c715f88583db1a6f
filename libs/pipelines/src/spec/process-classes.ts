/** A class of processes, told by executable name. */
export type ProcessClass = { readonly name: string; readonly executables: readonly string[] };

/** The class of everything that no other class names. */
export const otherClass = 'other';

/** In Linux every kernel thread is a child of this process, and only the kernel makes such children. */
export const kernelThreadParent = 2;
export const kernelClass = 'kernel';

/** The classes that merging by class uses. An executable stands in one class only. */
export const processClasses: readonly ProcessClass[] = [
  {
    name: 'web',
    executables: ['nginx', 'apache2', 'httpd', 'caddy', 'haproxy', 'envoy', 'traefik', 'varnishd'],
  },
  {
    name: 'database',
    executables: [
      'postgres',
      'mysqld',
      'mariadbd',
      'mongod',
      'redis-server',
      'valkey-server',
      'memcached',
      'clickhouse',
    ],
  },
  { name: 'broker', executables: ['nats-server', 'beam.smp', 'mosquitto', 'pulsar', 'redpanda'] },
  {
    name: 'runtime',
    executables: [
      'node',
      'java',
      'python',
      'python3',
      'ruby',
      'php',
      'php-fpm',
      'dotnet',
      'deno',
      'bun',
      'perl',
    ],
  },
  {
    name: 'container',
    executables: [
      'dockerd',
      'containerd',
      'containerd-shim-runc-v2',
      'crio',
      'conmon',
      'kubelet',
      'kube-proxy',
      'runc',
    ],
  },
  { name: 'shell', executables: ['bash', 'sh', 'dash', 'zsh', 'fish', 'tmux', 'screen', 'login'] },
  {
    name: 'system',
    executables: [
      'systemd',
      'systemd-journald',
      'systemd-logind',
      'systemd-networkd',
      'systemd-resolved',
      'systemd-udevd',
      'init',
      'tini',
      'sshd',
      'cron',
      'crond',
      'dbus-daemon',
      'rsyslogd',
      'agetty',
      'chronyd',
    ],
  },
];
