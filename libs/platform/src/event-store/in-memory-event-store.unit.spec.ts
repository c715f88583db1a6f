import { eventStoreContract } from '../testing/event-store-contract.js';
import { InMemoryEventStore } from './in-memory-event-store.js';

const store = new InMemoryEventStore();
eventStoreContract(() => store);
