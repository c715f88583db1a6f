import type { Provider } from '@nestjs/common';
import { DATA_SOURCE, PresenceStore } from '#lib/database';
import { CLOCK, COMMAND_HANDLER, LOGGER, type Clock, type HandlesCommands, type Logger } from '#lib/platform';
import { PresenceBook } from './presence-book.js';
import { PresenceService } from './presence.service.js';

/** The presence service with its parts. */
export const presence: Provider = {
  provide: PresenceService,
  useFactory: (
    book: PresenceBook,
    source: ConstructorParameters<typeof PresenceStore>[0],
    commands: HandlesCommands,
    clock: Clock,
    logger: Logger,
  ) =>
    new PresenceService({
      book,
      store: new PresenceStore(source),
      commands,
      clock,
      log: { warn: (line, fields) => logger.warn(fields, line) },
    }),
  inject: [PresenceBook, DATA_SOURCE, COMMAND_HANDLER, CLOCK, LOGGER],
};
