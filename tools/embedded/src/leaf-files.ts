import { parseArgs } from 'node:util';
import { runMain, securityFiles } from '#lib/platform';
import { layOutLeaf } from './nats/leaf-files.js';

/**
 * `npm run leaf-files -- --security <folder> --out <folder> [--hub nats://…] [--tenant t --site s --host h1 --host h2…]`
 * makes what the configurations in deploy/leaf include. `security` is the folder with an installation's key material,
 * for `npm start` .phoenix/hub/security.
 */
await runMain('leaf-files', async () => {
  const { values } = parseArgs({
    options: {
      ...{ security: { type: 'string' }, out: { type: 'string' }, hub: { type: 'string' } },
      ...{ tenant: { type: 'string' }, site: { type: 'string' }, host: { type: 'string', multiple: true } },
    },
  });
  const { host: hosts = [], hub, out, security, site, tenant } = values;
  if (security === undefined || out === undefined) throw new Error('say --security and --out');
  if (site !== undefined && tenant === undefined) throw new Error('say the --tenant of the site');
  await layOutLeaf(out, securityFiles(security), {
    ...(hub !== undefined && { hubUrl: hub }),
    ...(site !== undefined && tenant !== undefined && { site: { tenant, site, hosts } }),
  });
  process.stdout.write(`accounts.conf${site === undefined ? '' : ' and site.creds'} are in ${out}\n`);
});
