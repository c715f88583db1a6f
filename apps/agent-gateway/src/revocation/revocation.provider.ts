import type { Provider } from '@nestjs/common';
import { CLOCK, securityFiles, type Clock } from '#lib/platform';
import type { AgentGatewayConfig } from '../agent-gateway.config.js';
import { FleetBook } from '../shared/fleet-book.js';
import { RevocationService } from './revocation.service.js';

/** Revocation with the keys of the gateway's folder. */
export const revocation = (config: AgentGatewayConfig): Provider => ({
  provide: RevocationService,
  useFactory: (book: FleetBook, clock: Clock) =>
    new RevocationService({
      book,
      clock,
      revoker: securityFiles(config.signingDirectory),
      natsUrl: config.natsUrl,
    }),
  inject: [FleetBook, CLOCK],
});
