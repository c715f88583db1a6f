import { homedir } from 'node:os';
import { agentConfigSchema } from '../../../apps/agent/src/agent.config.js';
import { agentGatewayConfig } from '../../../apps/agent-gateway/src/agent-gateway.config.js';
import { analyzerConfig } from '../../../apps/analyzer/src/analyzer.config.js';
import { commandApiConfig } from '../../../apps/command-api/src/command-api.config.js';
import { buildOpenApiDocument } from '../../../apps/command-api/src/openapi.js';
import { projectorConfig } from '../../../apps/projector/src/projector.config.js';
import { describeConfig, type ConfigVariable } from '#lib/platform';
import { configurationPage, envExample, type AppVariables } from './configuration-page.js';
import { dataModelPage } from './data-model-page.js';
import { eventsPage } from './events-page.js';

/** A generated file: where it stands in the repository, and what it must say. */
export interface Page {
  readonly path: string;
  readonly content: string;
}

/** All generated contracts. */
export async function pages(): Promise<readonly Page[]> {
  const apps: readonly AppVariables[] = [
    { app: 'command-api', variables: describeConfig(commandApiConfig) },
    { app: 'projector', variables: describeConfig(projectorConfig) },
    { app: 'agent-gateway', variables: describeConfig(agentGatewayConfig) },
    { app: 'analyzer', variables: describeConfig(analyzerConfig) },
    { app: 'agent', variables: agentVariables() },
  ];
  return [
    { path: 'docs/events.md', content: eventsPage() },
    { path: 'docs/data-model.md', content: dataModelPage() },
    { path: 'docs/configuration.md', content: configurationPage(apps) },
    { path: '.env.example', content: envExample(apps) },
    { path: 'docs/openapi.json', content: `${JSON.stringify(await buildOpenApiDocument(), null, 2)}\n` },
  ];
}

/** The agent stands alone and has no part of `libs/platform`'s configuration, so its schema is read directly. */
function agentVariables(): readonly ConfigVariable[] {
  return Object.entries(agentConfigSchema.shape).map(([name, schema]) => {
    const whenAbsent = schema.safeParse(undefined);
    const value = whenAbsent.success ? whenAbsent.data : undefined;
    return {
      name,
      required: !whenAbsent.success,
      doc: schema.description ?? '',
      // The default depends on who reads the page; the page must not.
      ...(typeof value === 'string' && { default: value.replace(homedir(), '$HOME') }),
    };
  });
}
