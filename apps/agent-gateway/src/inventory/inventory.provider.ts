import type { Provider } from '@nestjs/common';
import { CLOCK, COMMAND_HANDLER, LOGGER, type Clock, type HandlesCommands, type Logger } from '#lib/platform';
import { FleetBook } from '../shared/fleet-book.js';
import { InventoryDesk } from './inventory-desk.js';

/** The inventory desk with its parts. */
export const inventory: Provider = {
  provide: InventoryDesk,
  useFactory: (book: FleetBook, commands: HandlesCommands, clock: Clock, logger: Logger) =>
    new InventoryDesk({ book, commands, clock, warn: (line, fields) => logger.warn(fields, line) }),
  inject: [FleetBook, COMMAND_HANDLER, CLOCK, LOGGER],
};
