export { systemClock, type Clock } from './clock.js';
export { credsText, makeHostKeys, signWith, type HostKeys } from './credential/host-keys.js';
export { CredentialRefused, tryOverHttp, tryOverNats } from './credential/try-credential.js';
export { AgentError, reasonOf, type AgentErrorCode } from './errors.js';
export { nodeDisk, type Disk } from './files/disk.js';
export { TaskJournal, type OpenTask, type OrderOutcome } from './journal/task-journal.js';
export type { Arrival, Link, LinkFailure } from './link/door.js';
export {
  doorStates,
  openDoors,
  type Door,
  type DoorReport,
  type Doors,
  type DoorsOptions,
} from './link/doors.js';
export { openHttpLink, type HttpLinkOptions } from './link/http-link.js';
export { openLink, type LinkIdentity, type LinkOptions } from './link/link.js';
export type { Log } from './log.js';
export { drainLane, type DrainOptions, type PublishAcked } from './outbox/drain-lane.js';
export type { NumberRange } from './outbox/lane-log.js';
export { Outbox, type LaneName, type OutboxOptions, type OutboxStatus } from './outbox/outbox.js';
export { decodeRecord, scanRecords, type OutboxEntry, type OutboxMessage } from './outbox/record.js';
export { Serial } from './serial.js';
export { runSession, type AgentIdentity, type SessionOptions } from './session/session.js';
