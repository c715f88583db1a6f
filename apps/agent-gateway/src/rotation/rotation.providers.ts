import type { Provider } from '@nestjs/common';
import { DATA_SOURCE, HostCredentialStore } from '#lib/database';
import {
  CLOCK,
  COMMAND_HANDLER,
  LOGGER,
  securityFiles,
  SHUTDOWN,
  type Clock,
  type HandlesCommands,
  type Logger,
  type Shutdown,
} from '#lib/platform';
import type { AgentGatewayConfig } from '../agent-gateway.config.js';
import { FleetBook } from '../shared/fleet-book.js';
import { HostLimits } from '../shared/host-limits.js';
import { RotationDesk, type HostReach } from './rotation-desk.js';
import { RotationLoop } from './rotation-loop.js';

/** Token of the `HostReach` by which rotations reach hosts. */
export const ROTATION_REACH = Symbol('ROTATION_REACH');

/** Rotation with the key that signs host credentials. */
export const rotation = (config: AgentGatewayConfig): Provider[] => [
  {
    provide: RotationDesk,
    useFactory: (
      book: FleetBook,
      source: ConstructorParameters<typeof HostCredentialStore>[0],
      commands: HandlesCommands,
      clock: Clock,
      reach: HostReach,
      limits: HostLimits,
    ) =>
      new RotationDesk({
        ...{ book, commands, clock, reach, mint: securityFiles(config.signingDirectory) },
        credentials: new HostCredentialStore(source),
        warn: (host, line, fields) => limits.warn(host, line, { host, ...fields }),
      }),
    inject: [FleetBook, DATA_SOURCE, COMMAND_HANDLER, CLOCK, ROTATION_REACH, HostLimits],
  },
  {
    provide: RotationLoop,
    useFactory: (desk: RotationDesk, clock: Clock, logger: Logger, shutdown: Shutdown) =>
      new RotationLoop(desk, clock, logger, shutdown),
    inject: [RotationDesk, CLOCK, LOGGER, SHUTDOWN],
  },
];
