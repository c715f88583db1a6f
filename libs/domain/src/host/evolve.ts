import type { HostEvent } from '#lib/events';
import { assertNever } from '../kernel/index.js';
import type { EnrolledHost, HostConfiguration, HostState } from './state.js';

/** @throws TypeError when the history does not begin with an enrolment, which only damage can bring about. */
export function evolve(state: HostState, event: HostEvent): HostState {
  if (event.type === 'HostEnrolled') return enrolled(event.data);
  if (state.phase === 'absent') throw new TypeError(`${event.type} cannot be the first event of a host`);
  return stateAfter(state, event);
}

function stateAfter(state: EnrolledHost, event: Exclude<HostEvent, { type: 'HostEnrolled' }>): EnrolledHost {
  if (isConfigurationEvent(event))
    return { ...state, configuration: configurationAfter(state.configuration, event) };
  if (isCredentialEvent(event)) return withCredential(state, event);
  switch (event.type) {
    case 'HostRevoked':
      return { ...state, phase: 'revoked' };
    case 'HostLabelled': {
      const { site: _before, ...rest } = state;
      const { at: _at, ...data } = event.data;
      return { ...rest, ...data };
    }
    case 'HostCameOnline': {
      const { bootId, agentVersion } = event.data;
      return { ...state, phase: 'online', bootId, agentVersion };
    }
    case 'HostBecameSuspect':
      return { ...state, phase: 'suspect' };
    case 'HostInventoryReported':
      return { ...state, inventory: event.data.inventory };
    case 'HostWentOffline':
      return { ...state, phase: 'offline' };
    default:
      return assertNever(event);
  }
}

type CredentialEvent = Extract<
  HostEvent,
  { type: 'HostCredentialRotated' | 'HostCredentialRotationRequested' | 'HostCredentialIssued' }
>;

function isCredentialEvent(event: HostEvent): event is CredentialEvent {
  return event.type.startsWith('HostCredential');
}

function withCredential(state: EnrolledHost, event: CredentialEvent): EnrolledHost {
  switch (event.type) {
    case 'HostCredentialRotated': {
      const { rotation: _over, ...rest } = state;
      return { ...rest, publicKey: event.data.publicKey };
    }
    case 'HostCredentialRotationRequested':
      return { ...state, rotation: { requestedAt: event.data.at, issued: [] } };
    case 'HostCredentialIssued': {
      const { requestedAt = event.data.at, issued = [] } = state.rotation ?? {};
      return { ...state, rotation: { requestedAt, issued: [...issued, event.data.publicKey] } };
    }
    default:
      return assertNever(event);
  }
}

/** Only what a host reports of an order names a generation. */
function isConfigurationEvent(event: HostEvent): event is ConfigurationEvent {
  return 'generation' in event.data;
}

function enrolled({ at: _at, ...data }: Extract<HostEvent, { type: 'HostEnrolled' }>['data']): EnrolledHost {
  return { phase: 'enrolled', ...data, configuration: { generation: 0, outcome: 'none', collectors: [] } };
}

type ConfigurationEvent = Extract<
  HostEvent,
  { type: 'HostConfigurationApplied' | 'HostConfigurationFailed' | 'HostFellBack' }
>;

function configurationAfter(before: HostConfiguration, event: ConfigurationEvent): HostConfiguration {
  const { generation } = event.data;
  switch (event.type) {
    case 'HostConfigurationApplied':
      return { generation, outcome: 'applied', collectors: event.data.collectors };
    case 'HostConfigurationFailed':
      return { generation, outcome: 'failed', reason: event.data.reason, collectors: before.collectors };
    case 'HostFellBack': {
      const { reason, collectors } = event.data;
      return { generation, outcome: 'fell-back', reason, collectors };
    }
    default:
      return assertNever(event);
  }
}
