import { arch, platform } from 'node:os';
import type { Log } from '../process/service.js';
import { unpackFromDebian } from './debian.js';
import { goInstall } from './go.js';
import { PartMissing, type FoundPart } from './part.js';
import { goArchitecture } from './probe.js';
import { unpackRelease } from './release.js';
import { searchPart, type Kit, type PartSearch } from './search.js';

/** The version that is fetched or built when the machine has none; any from 2.12 on is taken where it is found. */
const pinned = '2.15.1';
const oldest = [2, 12] as const;

const key = (source: Kit['source']): string => `nats-server-${pinned}-${source}-${platform()}-${arch()}`;

const search: PartSearch = {
  program: 'nats-server',
  variable: 'PHOENIX_NATS_SERVER',
  objection: natsObjection,
  kits: [
    {
      source: 'release',
      cacheKey: key('release'),
      make: (folder, log) =>
        unpackRelease(
          {
            baseUrl: `https://github.com/nats-io/nats-server/releases/download/v${pinned}`,
            archive: `nats-server-v${pinned}-${platform()}-${goArchitecture()}.tar.gz`,
            checksums: 'SHA256SUMS',
            strip: 1,
          },
          folder,
          log,
        ),
    },
    {
      source: 'go',
      cacheKey: key('go'),
      make: (folder, log) => goInstall(`github.com/nats-io/nats-server/v2@v${pinned}`, folder, log),
    },
    {
      source: 'debian',
      cacheKey: key('debian'),
      make: (folder, log) =>
        unpackFromDebian({ packageName: 'nats-server', program: 'usr/sbin/nats-server' }, folder, log),
    },
  ],
};

/** Why a version will not do: servers before 2.12 silently drop stream options that Phoenix relies on. */
export function natsObjection(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const newEnough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return newEnough ? undefined : `version ${version} is older than ${oldest.join('.')}`;
}

/** Finds, fetches or builds nats-server. @throws PartMissing with what was tried and what to do. */
export async function resolveNatsServer(log: Log): Promise<FoundPart> {
  const result = await searchPart(search, log);
  if (result.kind === 'found') return result.part;
  throw new PartMissing(
    `no nats-server ${oldest.join('.')} or newer (${result.reasons.join('; ')}). ` +
      'Install one and name it in PHOENIX_NATS_SERVER, or install Go and try again.',
  );
}
