import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { loadOrCreateSecurity, mintServiceCreds, writePrivateFile } from '#lib/platform';

export interface SecurityExport {
  /** Apps of the SERVICES account, such as `projector`. */
  readonly apps: readonly string[];
}

/** What agent-gateway needs beyond its own creds: to mint host credentials, and to revoke them. */
const gatewayFiles = ['hostsSigningSeed', 'hostsAccountJwt', 'operatorSigningSeed', 'systemCreds'] as const;

/**
 * Key material laid out so that each container can be given its own folder and no other:
 * `<folder>/root` (nobody's), `hub`, `apps/<app>`. Hosts get theirs by enrolling.
 * What exists stays, so a second run changes nothing.
 */
export async function exportSecurity(folder: string, wanted: SecurityExport): Promise<void> {
  const security = await loadOrCreateSecurity(join(folder, 'root'));
  await copyInto(join(folder, 'hub'), [security.hubAccounts]);
  for (const app of wanted.apps) {
    await once(
      join(folder, 'apps', app, 'nats.creds'),
      async () => (await mintServiceCreds(security, app)).creds,
    );
  }
  if (wanted.apps.includes('agent-gateway')) {
    await copyInto(
      join(folder, 'apps', 'agent-gateway'),
      gatewayFiles.map((file) => security[file]),
    );
  }
}

/** Writes a private file unless it is there. */
async function once(path: string, content: () => string | Promise<string>): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writePrivateFile(path, await content());
}

async function copyInto(folder: string, files: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of files) await copyFile(file, join(folder, basename(file)));
}
