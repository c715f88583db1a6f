import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where the key material of one installation lies. Seeds and creds are readable by their owner only (0600) in a
 * 0700 folder. Each app is given the paths it needs and no others:
 * the hub `operatorJwt`, `hubAccounts`; an app its own creds; agent-gateway also `hostsSigningSeed`,
 * `hostsAccountJwt`, and for revocation `operatorSigningSeed` and `systemCreds`.
 */
export interface SecurityFiles {
  readonly directory: string;
  /** Root of trust. Needed again only to replace the operator's signing key; keep it offline in production. */
  readonly operatorSeed: string;
  readonly operatorJwt: string;
  /** Signs account JWTs, so it can revoke hosts. */
  readonly operatorSigningSeed: string;
  readonly systemCreds: string;
  readonly systemAccountJwt: string;
  readonly servicesAccountSeed: string;
  readonly servicesAccountJwt: string;
  /** The account's state at creation; revocations live in the hub's resolver. */
  readonly hostsAccountJwt: string;
  /** Mints host users, and nothing but host users: the scope fixes their permissions. */
  readonly hostsSigningSeed: string;
  /** Mints the links of sites. Nobody but the maker of a site's leaf needs it. */
  readonly sitesSigningSeed: string;
  /** Part of the hub's configuration: operator, system account and the three account JWTs. */
  readonly hubAccounts: string;
}

/** Names of the key files under `directory`; touches nothing. */
export function securityFiles(directory: string): SecurityFiles {
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    operatorSeed: at('operator.nk'),
    operatorJwt: at('operator.jwt'),
    operatorSigningSeed: at('operator-signing.nk'),
    systemCreds: at('system.creds'),
    systemAccountJwt: at('system.jwt'),
    servicesAccountSeed: at('services.nk'),
    servicesAccountJwt: at('services.jwt'),
    hostsAccountJwt: at('hosts.jwt'),
    hostsSigningSeed: at('hosts-signing.nk'),
    sitesSigningSeed: at('sites-signing.nk'),
    hubAccounts: at('hub-accounts.conf'),
  };
}

/** Creates the folder, closed to everybody else even when it existed with wider rights. */
export async function createPrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
}

/** Writes a file that only its owner can read, complete or not at all. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, content, { mode: 0o600 });
  await chmod(part, 0o600);
  await rename(part, path);
}

/** Reads a seed or JWT file without its line end. */
export async function readKeyFile(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}
