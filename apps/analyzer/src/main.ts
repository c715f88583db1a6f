import { bootstrapApp, loadConfig, runMain } from '#lib/platform';
import { analyzerConfig } from './analyzer.config.js';
import { AnalyzerModule } from './analyzer.module.js';

await runMain('analyzer', async () => {
  const config = loadConfig(analyzerConfig, process.env);
  await bootstrapApp(AnalyzerModule.forRoot(config), { port: config.httpPort, host: config.httpHost });
});
