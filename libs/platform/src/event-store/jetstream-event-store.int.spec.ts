import { streams } from '#lib/events';
import { startTestParts } from '#tools/embedded';
import { applyTopology } from '../nats/topology.js';
import type { Nats } from '../nats/nats.js';
import { eventStoreContract } from '../testing/event-store-contract.js';
import { connectTestNats } from '../testing/test-nats.js';
import { JetStreamEventStore } from './jetstream-event-store.js';

let parts: Awaited<ReturnType<typeof start>>;
let nats: Nats;
let store: JetStreamEventStore;
const start = () => startTestParts({ hub: true });

beforeAll(async () => {
  parts = await start();
  nats = await connectTestNats(parts.hub, parts.dir);
  await applyTopology(nats, streams);
  store = new JetStreamEventStore(nats);
});

afterAll(async () => {
  await nats.drain();
  await parts.stop();
});

eventStoreContract(() => store);
