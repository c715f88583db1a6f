import { bootstrapApp, loadConfig, runMain } from '#lib/platform';
import { projectorConfig } from './projector.config.js';
import { ProjectorModule } from './projector.module.js';
import { rebuild } from './rebuild/rebuild.command.js';

/** `projector` runs the app; `projector rebuild <projection>` computes one projection anew beside it. */
await runMain('projector', async () => {
  const config = loadConfig(projectorConfig, process.env);
  const [command, projection] = process.argv.slice(2);
  if (command === 'rebuild') {
    process.stdout.write(`${await rebuild(config, projection ?? '')}\n`);
    return;
  }
  if (command !== undefined)
    throw new TypeError(`unknown command ${command}; there is only: rebuild <projection>`);
  await bootstrapApp(ProjectorModule.forRoot(config), { port: config.httpPort, host: config.httpHost });
});
