import { join } from 'node:path';
import { repositoryRoot, spawnService, type Log } from '#tools/embedded';
import { inherited } from './apps.js';
import { tellingLine } from './failure.js';

/** Brings schema and streams up to date, as the migrate job of an installation does. @throws Error when it fails */
export async function migrate(
  environment: { readonly natsUrl: string; readonly creds: string; readonly databaseUrl: string },
  log: Log,
): Promise<void> {
  const lines: string[] = [];
  const job = await spawnService({
    name: 'migrate',
    command: process.execPath,
    args: [join(repositoryRoot(), 'dist', 'tools', 'migrate', 'src', 'main.js'), 'up'],
    env: {
      ...inherited(),
      PHOENIX_NATS_URL: environment.natsUrl,
      PHOENIX_NATS_CREDS: environment.creds,
      DATABASE_URL: environment.databaseUrl,
    },
    output: {
      log: (line) => {
        lines.push(line);
        log(line);
      },
    },
  });
  const { code } = await job.closed;
  if (code !== 0) throw new Error(`migrate ended with code ${code ?? 'none'}: ${tellingLine(lines)}`);
}
