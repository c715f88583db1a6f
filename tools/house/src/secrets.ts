import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mintServiceCreds, type SecurityFiles } from '#lib/platform';
import type { AppName } from './apps.js';
import { CannotStart } from './preflight.js';

export interface SecretFiles {
  readonly jwtSecret: string;
  readonly adminPassword: string;
  readonly creds: Readonly<Record<AppName | 'migrate', string>>;
}

/** Makes the secrets of an embedded installation on the first start and finds them again afterwards. */
export async function ensureSecrets(
  directory: string,
  security: SecurityFiles,
  apps: readonly AppName[],
): Promise<SecretFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const secret = (name: string, make: () => Promise<string> | string) =>
    ensureFile(join(directory, name), make);
  const credsFor = (app: string) =>
    secret(`${app}.creds`, async () => (await mintServiceCreds(security, app)).creds);
  const creds = await Promise.all(
    [...apps, 'migrate' as const].map(async (app) => [app, await credsFor(app)] as const),
  );
  return {
    jwtSecret: await secret('jwt.secret', () => randomBytes(48).toString('base64url')),
    adminPassword: await secret('admin.password', () => randomBytes(12).toString('base64url')),
    creds: Object.fromEntries(creds) as Record<AppName | 'migrate', string>,
  };
}

async function ensureFile(path: string, make: () => Promise<string> | string): Promise<string> {
  if (existsSync(path)) {
    if ((await stat(path)).size > 0) return path;
    throw new CannotStart(`${path} is empty: put it back, or begin anew with npm run clean`);
  }
  await writeFile(path, await make(), { mode: 0o600, flag: 'wx' });
  await chmod(path, 0o600);
  return path;
}
