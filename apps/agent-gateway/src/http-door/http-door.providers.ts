import type { Provider } from '@nestjs/common';
import { DATA_SOURCE, HostCredentialStore } from '#lib/database';
import { CLOCK, NATS, SHUTDOWN, type Clock, type Nats, type Shutdown } from '#lib/platform';
import { FleetBook } from '../shared/fleet-book.js';
import { FleetFollower } from '../shared/fleet-follower.js';
import { Admission } from './admission.js';
import { Mailboxes } from './mailboxes.js';
import { Relay } from './relay.js';

/** The parts of the HTTP door. */
export const httpDoor: Provider[] = [
  {
    provide: Admission,
    useFactory: (
      source: ConstructorParameters<typeof HostCredentialStore>[0],
      book: FleetBook,
      follower: FleetFollower,
    ) =>
      new Admission({
        credentials: new HostCredentialStore(source),
        book,
        isBookComplete: () => follower.caughtUp,
      }),
    inject: [DATA_SOURCE, FleetBook, FleetFollower],
  },
  { provide: Relay, useFactory: (nats: Nats) => new Relay(nats), inject: [NATS] },
  {
    provide: Mailboxes,
    useFactory: (nats: Nats, clock: Clock, shutdown: Shutdown) => {
      const mailboxes = new Mailboxes(nats, clock);
      // Else the app would wait for its longest poll.
      shutdown.on('stop-intake', 'polls', () => {
        mailboxes.close();
        return Promise.resolve();
      });
      return mailboxes;
    },
    inject: [NATS, CLOCK, SHUTDOWN],
  },
];
