import { natsOptions, SHUTDOWN, type Shutdown } from '#lib/platform';
import { Transport, type NatsOptions } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AgentGatewayConfig } from './agent-gateway.config.js';
import { boundBodies } from './http-door/body-limits.js';
import { serveInstall } from './install/serve-install.js';
import { HostLimits } from './shared/host-limits.js';
import { HostMessageDeserializer } from './shared/host-message.deserializer.js';

/** Opens both doors of hosts and serves what installs them, before the app listens. */
export async function openDoors(app: NestFastifyApplication, config: AgentGatewayConfig): Promise<void> {
  boundBodies(app);
  serveInstall(app, config.installDirectory);
  // A request whose body does not come on would keep the app for minutes.
  app.get<Shutdown>(SHUTDOWN).on('flush', 'connections of hosts', () => {
    app.getHttpAdapter().getInstance().server.closeAllConnections();
    return Promise.resolve();
  });
  await listenToHosts(app, config);
}

/** Subscribes the controllers' patterns: Nest's NATS transport carries what hosts say on core NATS, one way. */
async function listenToHosts(app: NestFastifyApplication, config: AgentGatewayConfig): Promise<void> {
  const connection = await natsOptions({
    url: config.natsUrl,
    name: 'agent-gateway hosts',
    credsFile: config.natsCreds,
  });
  const options: NatsOptions = {
    transport: Transport.NATS,
    options: {
      ...(connection as NatsOptions['options']),
      deserializer: new HostMessageDeserializer(app.get(HostLimits)),
    },
  };
  app.connectMicroservice(options);
  await app.startAllMicroservices();
}
