import type { HostEvent } from '#lib/events';
import { sameJson } from '../canonical-json.js';
import { assertNever, type Decider } from '../kernel/index.js';
import type { HostCommand } from './commands.js';
import { evolve } from './evolve.js';
import type { EnrolledHost, HostConfiguration, HostState } from './state.js';
import { nextHostPhase } from './transitions.js';

export const hostDecider: Decider<'host', HostCommand, HostState> = {
  aggregate: 'host',
  initialState: () => ({ phase: 'absent' }),
  decide: (command, state) => {
    if (nextHostPhase(command.type, state.phase) === 'no-op') return [];
    return state.phase !== 'absent' && isKnownAlready(command, state) ? [] : [eventOf(command)];
  },
  evolve,
};

/** Hosts and gateways repeat themselves; only what is new becomes an event. */
function isKnownAlready(command: HostCommand, state: EnrolledHost): boolean {
  if (isConfigurationReport(command)) return isOldReport(command, state);
  if (isCredentialCommand(command)) return isCredentialKnown(command, state);
  switch (command.type) {
    case 'LabelHost':
      return sameJson(labelling(command), labelling(state));
    case 'ReportHostOnline':
      return isSameSession(command, state);
    case 'ReportInventory':
      return sameJson(command.inventory, state.inventory);
    case 'EnrolHost':
    case 'RevokeHost':
    case 'ReportHostSuspect':
    case 'ReportHostOffline':
      return false;
    default:
      return assertNever(command);
  }
}

type CredentialCommand = Extract<
  HostCommand,
  { type: 'RotateHostCredential' | 'RequestHostCredentialRotation' | 'IssueHostCredential' }
>;

function isCredentialCommand(command: HostCommand): command is CredentialCommand {
  const { type } = command;
  return (
    type === 'RotateHostCredential' ||
    type === 'RequestHostCredentialRotation' ||
    type === 'IssueHostCredential'
  );
}

/** Keys of one rotation beyond these are not signed: no honest host needs them. */
const MOST_ISSUED = 4;

function isCredentialKnown(command: CredentialCommand, { publicKey, rotation }: EnrolledHost): boolean {
  switch (command.type) {
    case 'RotateHostCredential':
      return command.publicKey === publicKey;
    case 'RequestHostCredentialRotation':
      return rotation !== undefined;
    case 'IssueHostCredential':
      return (
        command.publicKey === publicKey ||
        rotation === undefined ||
        rotation.issued.length >= MOST_ISSUED ||
        rotation.issued.includes(command.publicKey)
      );
    default:
      return assertNever(command);
  }
}

function credentialEventOf(command: CredentialCommand): HostEvent {
  const { at } = command;
  switch (command.type) {
    case 'RotateHostCredential':
      return { type: 'HostCredentialRotated', data: { at, publicKey: command.publicKey } };
    case 'RequestHostCredentialRotation':
      return { type: 'HostCredentialRotationRequested', data: { at, reason: command.reason } };
    case 'IssueHostCredential':
      return { type: 'HostCredentialIssued', data: { at, publicKey: command.publicKey } };
    default:
      return assertNever(command);
  }
}

function isOldReport(command: ConfigurationReport, state: EnrolledHost): boolean {
  switch (command.type) {
    case 'ReportConfigurationApplied':
      return isOldNews(state, { ...command, outcome: 'applied' });
    case 'ReportConfigurationFailed':
      return isOldNews(state, { ...command, outcome: 'failed', collectors: state.configuration.collectors });
    case 'ReportHostFellBack':
      return isOldNews(state, { ...command, outcome: 'fell-back' });
    default:
      return assertNever(command);
  }
}

function labelling({ labels, site }: Pick<EnrolledHost, 'labels' | 'site'>) {
  return { labels, site };
}

function isSameSession(
  { bootId, agentVersion }: { readonly bootId: string; readonly agentVersion: string },
  state: EnrolledHost,
): boolean {
  return state.phase === 'online' && state.bootId === bootId && state.agentVersion === agentVersion;
}

/** Generations only grow, so a report about an older one has been overtaken. */
function isOldNews({ configuration }: EnrolledHost, reported: HostConfiguration): boolean {
  if (reported.generation !== configuration.generation) return reported.generation < configuration.generation;
  const essence = ({ outcome, reason, collectors }: HostConfiguration) => ({ outcome, reason, collectors });
  return sameJson(essence(reported), essence(configuration));
}

function eventOf(command: HostCommand): HostEvent {
  if (isConfigurationReport(command)) return configurationEventOf(command);
  if (isCredentialCommand(command)) return credentialEventOf(command);
  const { at } = command;
  switch (command.type) {
    case 'EnrolHost': {
      const { type: _command, ...data } = command;
      return { type: 'HostEnrolled', data };
    }
    case 'RevokeHost':
      return { type: 'HostRevoked', data: { at, reason: command.reason } };
    case 'LabelHost': {
      const { type: _command, ...data } = command;
      return { type: 'HostLabelled', data };
    }
    case 'ReportHostOnline':
      return {
        type: 'HostCameOnline',
        data: { at, bootId: command.bootId, agentVersion: command.agentVersion },
      };
    case 'ReportHostSuspect':
      return { type: 'HostBecameSuspect', data: { at, lastHeartbeatAt: command.lastHeartbeatAt } };
    case 'ReportHostOffline':
      return { type: 'HostWentOffline', data: { at, lastHeartbeatAt: command.lastHeartbeatAt } };
    case 'ReportInventory':
      return { type: 'HostInventoryReported', data: { at, inventory: command.inventory } };
    default:
      return assertNever(command);
  }
}

type ConfigurationReport = Extract<
  HostCommand,
  { type: 'ReportConfigurationApplied' | 'ReportConfigurationFailed' | 'ReportHostFellBack' }
>;

function isConfigurationReport(command: HostCommand): command is ConfigurationReport {
  const { type } = command;
  return (
    type === 'ReportConfigurationApplied' ||
    type === 'ReportConfigurationFailed' ||
    type === 'ReportHostFellBack'
  );
}

function configurationEventOf(command: ConfigurationReport): HostEvent {
  const { at, generation } = command;
  switch (command.type) {
    case 'ReportConfigurationApplied': {
      const collectors = [...command.collectors];
      return { type: 'HostConfigurationApplied', data: { at, generation, collectors } };
    }
    case 'ReportConfigurationFailed':
      return { type: 'HostConfigurationFailed', data: { at, generation, reason: command.reason } };
    case 'ReportHostFellBack': {
      const { reason } = command;
      return {
        type: 'HostFellBack',
        data: { at, generation, reason, collectors: [...command.collectors] },
      };
    }
    default:
      return assertNever(command);
  }
}
