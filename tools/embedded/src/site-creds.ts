import { parseArgs } from 'node:util';
import { runMain, securityFiles } from '#lib/platform';
import { revokeSites, siteEntries, type SiteChoice } from './nats/site-ledger.js';

/**
 * `npm run site-creds -- list --security <folder>` shows the credentials of sites, and
 * `npm run site-creds -- revoke --security <folder> --hub nats://… (--site s [--tenant t] | --key U… | --creds file)`
 * takes some back.
 */
await runMain('site-creds', async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ security: { type: 'string' }, hub: { type: 'string' }, site: { type: 'string' } },
      ...{ tenant: { type: 'string' }, key: { type: 'string' }, creds: { type: 'string' } },
    },
  });
  const { hub, security: directory } = values;
  if (directory === undefined) throw new Error('say --security');
  const security = securityFiles(directory);
  const say = (line: string): unknown => process.stdout.write(`${line}\n`);
  if (positionals[0] === 'list') {
    for (const { hosts, madeAt, publicKey, revokedAt, site, tenant } of await siteEntries(security))
      say(
        `${tenant}/${site} ${publicKey} made ${madeAt} ${revokedAt ? `revoked ${revokedAt}` : 'in force'} for ${hosts.join(' ')}`,
      );
    return;
  }
  if (positionals[0] !== 'revoke') throw new Error('say list or revoke');
  if (hub === undefined) throw new Error('say --hub');
  for (const key of await revokeSites(security, hub, choiceOf(values))) say(`${key} is revoked`);
});

function choiceOf(values: {
  readonly site?: string | undefined;
  readonly tenant?: string | undefined;
  readonly key?: string | undefined;
  readonly creds?: string | undefined;
}): SiteChoice {
  const { creds, key, site, tenant } = values;
  if (site !== undefined) return { site, ...(tenant !== undefined && { tenant }) };
  if (key !== undefined) return { key };
  if (creds !== undefined) return { credsFile: creds };
  throw new Error('say --site, --key or --creds');
}
