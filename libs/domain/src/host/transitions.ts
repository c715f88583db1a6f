import type { HostCommand } from './commands.js';
import { refuseHost, type HostErrorCode } from './errors.js';
import type { HostPhase } from './state.js';

type From = HostPhase | 'absent';
type Moves = Partial<Record<From, HostPhase | 'no-op'>>;

/** What an enrolled host may go through without a change of its phase. */
const stay: Moves = { enrolled: 'enrolled', online: 'online', suspect: 'suspect', offline: 'offline' };

/**
 * The whole state machine: for each command the phases it is legal in and the phase it leads to. A host that was
 * never online cannot fall silent, and one that is offline is not suspect again; revoking twice changes nothing.
 */
export const hostTransitions: Record<HostCommand['type'], Moves> = {
  EnrolHost: { absent: 'enrolled', revoked: 'enrolled' },
  RotateHostCredential: stay,
  RequestHostCredentialRotation: stay,
  IssueHostCredential: stay,
  RevokeHost: {
    enrolled: 'revoked',
    online: 'revoked',
    suspect: 'revoked',
    offline: 'revoked',
    revoked: 'no-op',
  },
  LabelHost: { ...stay, revoked: 'revoked' },
  ReportHostOnline: { enrolled: 'online', online: 'online', suspect: 'online', offline: 'online' },
  ReportHostSuspect: {
    enrolled: 'no-op',
    online: 'suspect',
    suspect: 'no-op',
    offline: 'no-op',
    revoked: 'no-op',
  },
  ReportHostOffline: {
    enrolled: 'no-op',
    online: 'offline',
    suspect: 'offline',
    offline: 'no-op',
    revoked: 'no-op',
  },
  ReportInventory: stay,
  ReportConfigurationApplied: stay,
  ReportConfigurationFailed: stay,
  ReportHostFellBack: stay,
};

/** Where a command leads from a phase. @throws DomainError when the state machine has no such move. */
export function nextHostPhase(command: HostCommand['type'], from: From): HostPhase | 'no-op' {
  const to = hostTransitions[command][from];
  if (to === undefined) throw refuseHost(refusalIn(from));
  return to;
}

function refusalIn(from: From): HostErrorCode {
  if (from === 'absent') return 'host-not-found';
  return from === 'revoked' ? 'host-revoked' : 'host-already-enrolled';
}
