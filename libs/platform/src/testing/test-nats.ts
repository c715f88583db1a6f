import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mintServiceCreds, type SecurityFiles } from '../nats/credentials.js';
import { connectNats, type Nats } from '../nats/nats.js';

/** A hub as `#tools/embedded` starts it. */
export interface TestHub {
  readonly url: string;
  readonly security: SecurityFiles;
}

/** Connects to a test's hub as an app of that name, with real credentials. */
export async function connectTestNats(hub: TestHub, dir: string, app = 'test'): Promise<Nats> {
  const credsFile = join(dir, `${app}.creds`);
  const { creds } = await mintServiceCreds(hub.security, app);
  await writeFile(credsFile, creds, { mode: 0o600 });
  return connectNats({ url: hub.url, name: app, credsFile });
}
