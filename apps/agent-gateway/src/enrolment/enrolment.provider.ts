import type { Provider } from '@nestjs/common';
import { DATA_SOURCE, EnrolmentStore, HostCredentialStore } from '#lib/database';
import { CLOCK, COMMAND_HANDLER, securityFiles, type Clock, type HandlesCommands } from '#lib/platform';
import type { AgentGatewayConfig } from '../agent-gateway.config.js';
import { EnrolmentService } from './enrolment.service.js';

type DataSource = ConstructorParameters<typeof EnrolmentStore>[0];

/** Enrolment, with the key that signs host credentials. */
export const enrolment = (config: AgentGatewayConfig): Provider => ({
  provide: EnrolmentService,
  useFactory: (source: DataSource, commands: HandlesCommands, clock: Clock) =>
    new EnrolmentService({
      store: new EnrolmentStore(source),
      credentials: new HostCredentialStore(source),
      commands,
      clock,
      mint: securityFiles(config.signingDirectory),
      leafUrl: config.leafUrl,
    }),
  inject: [DATA_SOURCE, COMMAND_HANDLER, CLOCK],
});
