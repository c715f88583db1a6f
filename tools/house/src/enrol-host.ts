import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig, readKeyFile, runMain, writePrivateFile } from '#lib/platform';
import { logIn } from './api.js';
import { enrolHostConfig, type EnrolHostConfig } from './enrol-host.config.js';

/**
 * `node dist/tools/house/src/enrol-host.js`: enrols a host as a person would, with a token that the first admin makes,
 * and lays out what its leaf and its agent need, each in a folder of its own. A second run changes nothing.
 */
await runMain('enrol', async () => {
  const config = loadConfig(enrolHostConfig, process.env);
  if (isEnrolled(config)) process.stdout.write('this host is enrolled already\n');
  else await enrol(config);
  await layOutDoor(config);
});

/** The identity is written last, so with it all is there. */
function isEnrolled({ agentDirectory }: EnrolHostConfig): boolean {
  return existsSync(join(agentDirectory, 'identity.json'));
}

async function enrol(config: EnrolHostConfig): Promise<void> {
  const api = await logIn(config.apiUrl, 'admin@phoenix.io', config.adminPasswordFile);
  const { token } = (await api.call('POST', '/fleet/enrolment-tokens', {
    labels: { phoenix: 'local' },
    maxUses: 1,
    expiresInSeconds: 600,
  })) as { readonly token: string };
  const agent = fileURLToPath(new URL('../../../apps/agent/src/main.js', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [agent, 'enrol', '--url', config.gatewayUrl, '--token', token],
    {
      env: {
        PATH: process.env['PATH'],
        PHOENIX_AGENT_DIR: config.agentDirectory,
        ...(config.collector === undefined ? {} : { PHOENIX_OTELCOL: config.collector }),
      },
    },
  );
  process.stdout.write(stdout);
}

async function layOutDoor({ agentDirectory, doorDirectory }: EnrolHostConfig): Promise<void> {
  const [leaf, agent] = [join(doorDirectory, 'leaf'), join(doorDirectory, 'agent')];
  for (const folder of [leaf, agent]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await copyFile(join(agentDirectory, 'host.creds'), join(leaf, 'host.creds'));
  // Both halves of the password come from one file, so that a run cut short between them is healed by the next.
  const passwordFile = join(agent, 'leaf.password');
  if (!existsSync(passwordFile)) await writePrivateFile(passwordFile, randomBytes(24).toString('base64url'));
  const password = JSON.stringify(await readKeyFile(passwordFile));
  await writePrivateFile(
    join(leaf, 'authorization.conf'),
    `authorization { users: [{ user: agent, password: ${password} }] }\n`,
  );
}
