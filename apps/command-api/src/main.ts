import { bootstrapApp, loadConfig, runMain } from '#lib/platform';
import { commandApiConfig } from './command-api.config.js';
import { CommandApiModule } from './command-api.module.js';
import { configureCommandApi } from './configure.js';
import { errorStatus } from './error-status.js';

await runMain('command-api', async () => {
  const config = loadConfig(commandApiConfig, process.env);
  await bootstrapApp(CommandApiModule.forRoot(config), {
    port: config.httpPort,
    host: config.httpHost,
    errorStatuses: errorStatus,
    configure: (app) => configureCommandApi(app, config),
  });
});
