import { parseArgs } from 'node:util';
import { exportSecurity } from './nats/security-export.js';

/**
 * `node dist/tools/embedded/src/security.js <folder> --app <app>…`
 * makes the key material of an installation that is not embedded, such as docker compose.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { app: { type: 'string', multiple: true } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('say into which folder the key material goes');

await exportSecurity(folder, { apps: values.app ?? [] });
process.stdout.write(`key material is in ${folder}\n`);
