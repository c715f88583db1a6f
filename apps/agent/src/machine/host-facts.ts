import { arch, hostname, platform } from 'node:os';
import type { HostFacts } from '#lib/pipelines';
import { readText } from './proc.js';

/** What this host is for the detectors of pipelines. @param given `OTEL_RESOURCE_ATTRIBUTES`, already read */
export function hostFacts(given: Readonly<Record<string, string>> = {}): HostFacts {
  const machine = machineId();
  return {
    env: given,
    system: {
      'host.name': hostname(),
      'os.type': platform(),
      'host.arch': architectures[arch()] ?? arch(),
      ...(machine !== undefined && { 'host.id': machine }),
    },
  };
}

/** Where the system keeps its id; the second is where it stood before systemd. */
const machineIdFiles = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

function machineId(): string | undefined {
  return machineIdFiles
    .map((path) => readText(path)?.trim())
    .find((id) => id !== undefined && id !== '' && id !== 'uninitialized');
}

/** Names of the semantic conventions for those of Node.js, where they differ. */
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: 'x86',
  arm: 'arm32',
};
