import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  currentHostsAccount,
  leafAccountsOf,
  mintSiteCreds,
  writePrivateFile,
  type SecurityFiles,
} from '#lib/platform';
import { noteSite } from './site-ledger.js';

export interface LeafFiles {
  /** The hub, which knows who was revoked; left out, nobody is. */
  readonly hubUrl?: string;
  /** With it, also the credential of a site's link to the hub. */
  readonly site?: { readonly tenant: string; readonly site: string; readonly hosts: readonly string[] };
}

/**
 * Writes what deploy/leaf/host.conf and site.conf include: `accounts.conf`, which holds no secret, and for a site
 * `site.creds`. @throws Error when the hub is not there, or a name is none
 */
export async function layOutLeaf(
  folder: string,
  security: SecurityFiles,
  { hubUrl, site }: LeafFiles,
): Promise<void> {
  const hosts = hubUrl === undefined ? undefined : await currentHostsAccount(hubUrl, security);
  const minted = site === undefined ? undefined : await mintSiteCreds(security, site);
  if (site !== undefined && minted !== undefined) await noteSite(security, site, minted.userPublicKey);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writePrivateFile(join(folder, 'accounts.conf'), await leafAccountsOf(security, hosts));
  if (minted !== undefined) await writePrivateFile(join(folder, 'site.creds'), minted.creds);
}
