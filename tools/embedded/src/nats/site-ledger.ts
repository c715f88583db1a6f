import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  revokeAtHub,
  systemClock,
  userKeyOf,
  writePrivateFile,
  type SecurityFiles,
  type SiteIdentity,
} from '#lib/platform';

const entrySchema = z.object({
  tenant: z.string(),
  site: z.string(),
  hosts: z.array(z.string()).readonly(),
  /** By which it is revoked. */
  publicKey: z.string(),
  madeAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});

/** One credential of the link of a site. Holds no secret. */
export type SiteEntry = Readonly<z.output<typeof entrySchema>>;

/** Which credentials are meant: all of a site, one key, or the one in a file that is still at hand. */
export type SiteChoice =
  | { readonly site: string; readonly tenant?: string }
  | { readonly key: string }
  | { readonly credsFile: string };

/** Every credential of a site that was made with this key material, oldest first. */
export async function siteEntries(security: SecurityFiles): Promise<readonly SiteEntry[]> {
  const path = ledgerOf(security);
  if (!existsSync(path)) return [];
  return z.array(entrySchema).parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Notes a credential. Before anybody gets it: what is not known cannot be taken back. */
export async function noteSite(
  security: SecurityFiles,
  { hosts, site, tenant }: SiteIdentity,
  publicKey: string,
): Promise<void> {
  const entry = { tenant, site, hosts, publicKey, madeAt: systemClock.iso(), revokedAt: null };
  await write(security, [...(await siteEntries(security)), entry]);
}

/**
 * Takes credentials back at the hub, which closes their links and lets none in again. Answers their keys.
 * @throws Error when there is none, or the hub is not there
 */
export async function revokeSites(
  security: SecurityFiles,
  hubUrl: string,
  choice: SiteChoice,
): Promise<readonly string[]> {
  const entries = await siteEntries(security);
  const keys = await keysOf(entries, choice);
  if (keys.length === 0) throw new Error('no such credential is in force; `site-creds list` shows all');
  const revokedAt = systemClock.iso();
  const revocations = keys.map((userPublicKey) => ({ userPublicKey, at: new Date(revokedAt) }));
  await revokeAtHub(hubUrl, security, revocations);
  const isNow = ({ publicKey }: SiteEntry): boolean => keys.includes(publicKey);
  await write(
    security,
    entries.map((entry) => (isNow(entry) ? { ...entry, revokedAt: entry.revokedAt ?? revokedAt } : entry)),
  );
  return keys;
}

async function keysOf(entries: readonly SiteEntry[], choice: SiteChoice): Promise<readonly string[]> {
  if ('key' in choice) return [choice.key];
  if ('credsFile' in choice) return [userKeyOf(await readFile(choice.credsFile, 'utf8'))];
  const { site, tenant } = choice;
  return entries
    .filter((entry) => entry.site === site && (tenant ?? entry.tenant) === entry.tenant)
    .filter(({ revokedAt }) => revokedAt === null)
    .map(({ publicKey }) => publicKey);
}

function write(security: SecurityFiles, entries: readonly SiteEntry[]): Promise<void> {
  return writePrivateFile(ledgerOf(security), JSON.stringify(entries, undefined, 2));
}

function ledgerOf({ directory }: SecurityFiles): string {
  return join(directory, 'site-credentials.json');
}
