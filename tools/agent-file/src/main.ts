import { join, relative } from 'node:path';
import { repositoryRoot } from '#tools/embedded';
import { agentFile, layOutInstall } from './agent-file.js';

/** `npm run build:agent`: leaves in dist/agent what a gateway hands out below /install/. */
const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const file = await agentFile(say);
const folder = join(repositoryRoot(), 'dist', 'agent');
await layOutInstall(file, folder);
say(
  `${relative(process.cwd(), join(folder, file.name))} ${file.version}, ${(file.bytes / 2 ** 20).toFixed(0)} MiB`,
);
