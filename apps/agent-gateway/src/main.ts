import { bootstrapApp, loadConfig, runMain } from '#lib/platform';
import { agentGatewayConfig } from './agent-gateway.config.js';
import { AgentGatewayModule } from './agent-gateway.module.js';
import { enrolmentStatuses } from './enrolment/enrolment.service.js';
import { openDoors } from './host-transport.js';

await runMain('agent-gateway', async () => {
  const config = loadConfig(agentGatewayConfig, process.env);
  await bootstrapApp(AgentGatewayModule.forRoot(config), {
    port: config.httpPort,
    host: config.httpHost,
    prefix: 'api/v1',
    errorStatuses: enrolmentStatuses,
    listensUntil: 'flush',
    configure: (app) => openDoors(app, config),
  });
});
