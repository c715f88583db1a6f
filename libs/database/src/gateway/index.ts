export { EnrolmentStore, type TokenUse } from './enrolment-store.js';
export { HostCredentialStore } from './host-credential-store.js';
export { LeaseStore, type HeldLease, type LeaseRound } from './lease-store.js';
export { OrderStore } from './order-store.js';
export { PresenceStore } from './presence-store.js';
export type { PlacedTaskMessage, TaskToHandOver } from './task-intake.js';
export { TaskStore, type TaskHost } from './task-store.js';
export type { TaskStep } from './task-steps.js';
export { UplinkStore, type NumberedUplink } from './uplink-store.js';
