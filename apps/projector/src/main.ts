import { bootstrapApp, loadConfig, runMain } from '#lib/platform';
import { viewProjections } from './projections.js';
import { projectorConfig } from './projector.config.js';
import { ProjectorModule } from './projector.module.js';
import { rebuild } from './rebuild/rebuild.command.js';

const USAGE = 2;
const usage = `usage: projector [rebuild ${viewProjections.map(({ name }) => name).join(' | ')}]`;

/** `projector` runs the app; `projector rebuild <projection>` computes one projection anew beside it. */
await runMain('projector', async () => {
  const [command, name, ...rest] = process.argv.slice(2);
  const known =
    command === undefined || (command === 'rebuild' && viewProjections.some((p) => p.name === name));
  if (!known || rest.length > 0) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = USAGE;
    return;
  }
  const config = loadConfig(projectorConfig, process.env);
  if (name !== undefined) process.stdout.write(`${await rebuild(config, name)}\n`);
  else await bootstrapApp(ProjectorModule.forRoot(config), { port: config.httpPort, host: config.httpHost });
});
