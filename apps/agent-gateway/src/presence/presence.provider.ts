import type { Provider } from '@nestjs/common';
import { DATA_SOURCE, PresenceStore } from '#lib/database';
import { CLOCK, COMMAND_HANDLER, type Clock, type HandlesCommands } from '#lib/platform';
import { HostLimits } from '../shared/host-limits.js';
import { HostShare } from '../shared/host-share.js';
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
    limits: HostLimits,
    share: HostShare,
  ) =>
    new PresenceService({
      book,
      store: new PresenceStore(source),
      commands,
      clock,
      holds: ({ tenant, host }) => share.holds(tenant, host),
      log: { warn: (line, fields) => limits.warn(String(fields['host']), line, fields) },
    }),
  inject: [PresenceBook, DATA_SOURCE, COMMAND_HANDLER, CLOCK, HostLimits, HostShare],
};
