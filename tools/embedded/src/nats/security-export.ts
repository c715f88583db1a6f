import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  loadOrCreateSecurity,
  mintHostCreds,
  mintServiceCreds,
  readKeyFile,
  writePrivateFile,
  type SecurityFiles,
} from '#lib/platform';
import { quoted } from './nats-process.js';

export interface SecurityExport {
  /** Apps of the SERVICES account, such as `projector`. */
  readonly apps: readonly string[];
  readonly hosts: readonly { readonly tenant: string; readonly host: string }[];
}

/** What agent-gateway needs beyond its own creds: to mint host credentials, and to revoke them. */
const gatewayFiles = ['hostsSigningSeed', 'hostsAccountJwt', 'operatorSigningSeed', 'systemCreds'] as const;

/**
 * Key material laid out so that each container can be given its own folder and no other:
 * `<folder>/root` (nobody's), `hub`, `apps/<app>`, `leafs/<tenant>-<host>`, `agents/<tenant>-<host>`.
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
  for (const identity of wanted.hosts) await exportHost(folder, security, identity);
}

async function exportHost(
  folder: string,
  security: SecurityFiles,
  identity: SecurityExport['hosts'][number],
): Promise<void> {
  const name = `${identity.tenant}-${identity.host}`;
  const leaf = join(folder, 'leafs', name);
  await once(join(leaf, 'host.creds'), async () => (await mintHostCreds(security, identity)).creds);
  // Both halves of the password come from one file, so that a run cut short between them is healed by the next.
  const passwordFile = join(folder, 'agents', name, 'leaf.password');
  await once(passwordFile, () => randomBytes(24).toString('base64url'));
  const password = quoted(await readKeyFile(passwordFile));
  await once(
    join(leaf, 'authorization.conf'),
    () => `authorization { users: [{ user: agent, password: ${password} }] }\n`,
  );
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
