import fc from 'fast-check';
import { fold } from '../kernel/index.js';
import { play, refusalOf, unstorable } from '../testing/decider-properties.js';
import { AT } from '../testing/samples.js';
import { hostDecider, hostErrors, hostPhases, type HostCommand } from './index.js';

const inventory = {
  os: 'linux',
  kernel: '6.1',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 4e9,
  collector: { kind: 'otelcol', version: '0.149.0' },
} as const;
const collectors = [{ variant: 'baseline', configHash: 'aaaa' }] as const;

const commands: { readonly [C in HostCommand as C['type']]: C } = {
  EnrolHost: {
    type: 'EnrolHost',
    at: AT,
    hostname: 'web-1',
    labels: { role: 'web' },
    site: 'north',
    inventory,
    publicKey: 'UKEY1',
  },
  RotateHostCredential: { type: 'RotateHostCredential', at: AT, publicKey: 'UKEY2' },
  RequestHostCredentialRotation: { type: 'RequestHostCredentialRotation', at: AT, reason: 'yearly' },
  IssueHostCredential: { type: 'IssueHostCredential', at: AT, publicKey: 'UKEY3' },
  RevokeHost: { type: 'RevokeHost', at: AT, reason: 'lost' },
  LabelHost: { type: 'LabelHost', at: AT, labels: { role: 'db' } },
  ReportHostOnline: { type: 'ReportHostOnline', at: AT, bootId: 'b1', agentVersion: '1' },
  ReportHostSuspect: { type: 'ReportHostSuspect', at: AT, lastHeartbeatAt: AT },
  ReportHostOffline: { type: 'ReportHostOffline', at: AT, lastHeartbeatAt: AT },
  ReportInventory: { type: 'ReportInventory', at: AT, inventory: { ...inventory, cpus: 4 } },
  ReportConfigurationApplied: { type: 'ReportConfigurationApplied', at: AT, generation: 3, collectors },
  ReportConfigurationFailed: {
    type: 'ReportConfigurationFailed',
    at: AT,
    generation: 3,
    reason: 'port in use',
  },
  ReportHostFellBack: {
    type: 'ReportHostFellBack',
    at: AT,
    generation: 3,
    reason: 'exit loop',
    collectors: [],
  },
};
const commandOf = (type: HostCommand['type']): HostCommand =>
  Object.values(commands).find((command) => command.type === type)!;
const { EnrolHost, RevokeHost, ReportHostOnline, ReportHostSuspect, ReportHostOffline } = commands;

const history = {
  absent: [],
  enrolled: [EnrolHost],
  online: [EnrolHost, ReportHostOnline],
  suspect: [EnrolHost, ReportHostOnline, ReportHostSuspect],
  offline: [EnrolHost, ReportHostOnline, ReportHostSuspect, ReportHostOffline],
  revoked: [EnrolHost, RevokeHost],
} as const;

/** Rows are commands, columns are absent, enrolled, online, suspect, offline, revoked; `0`: accepted without an event. */
const table: Record<HostCommand['type'], string> = {
  EnrolHost: 'enrolled already already already already enrolled',
  RotateHostCredential: 'unknown enrolled online suspect offline refused',
  RequestHostCredentialRotation: 'unknown enrolled online suspect offline refused',
  IssueHostCredential: 'unknown 0 0 0 0 refused',
  RevokeHost: 'unknown revoked revoked revoked revoked 0',
  LabelHost: 'unknown enrolled online suspect offline revoked',
  ReportHostOnline: 'unknown online 0 online online refused',
  ReportHostSuspect: 'unknown 0 suspect 0 0 0',
  ReportHostOffline: 'unknown 0 offline offline 0 0',
  ReportInventory: 'unknown enrolled online suspect offline refused',
  ReportConfigurationApplied: 'unknown enrolled online suspect offline refused',
  ReportConfigurationFailed: 'unknown enrolled online suspect offline refused',
  ReportHostFellBack: 'unknown enrolled online suspect offline refused',
};
const codes: Record<string, string> = {
  unknown: 'host-not-found',
  already: 'host-already-enrolled',
  refused: 'host-revoked',
};
const phases = ['absent', ...hostPhases] as const;
const cells = (Object.keys(table) as HostCommand['type'][]).flatMap((type) =>
  phases.map((phase, column) => ({ type, phase, outcome: table[type].split(' ')[column]! })),
);

describe('the state machine of a host', () => {
  test.each(cells)('$type in $phase: $outcome', ({ type, phase, outcome }) => {
    const { state } = play(hostDecider, history[phase]);
    expect(state.phase).toBe(phase);
    const command = commandOf(type);
    const code = refusalOf(hostDecider, command, state);
    expect(code).toBe(codes[outcome]);
    if (code !== undefined) return;
    const events = hostDecider.decide(command, state);
    expect(events).toHaveLength(outcome === '0' ? 0 : 1);
    expect(fold(hostDecider, events, state).phase).toBe(outcome === '0' ? phase : outcome);
  });

  test('no order of commands leaves it, and the state is the fold of the events', () => {
    const anyCommand = fc.oneof(
      fc.constantFrom<HostCommand>(...Object.values(commands)),
      fc
        .record({ generation: fc.integer({ min: 0, max: 5 }), reason: fc.string({ maxLength: 5 }) })
        .map((data): HostCommand => ({ ...commands.ReportConfigurationFailed, ...data })),
      fc.constantFrom('b1', 'b2').map((bootId): HostCommand => ({ ...ReportHostOnline, bootId })),
    );
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), (sequence) => {
        const { state, events, refusals } = play(hostDecider, sequence);
        expect(phases).toContain(state.phase);
        expect(fold(hostDecider, events)).toEqual(state);
        expect(unstorable('host', events)).toEqual([]);
        expect(refusals.filter((code) => !Object.hasOwn(hostErrors, code))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a damaged history is refused loudly', () => {
    expect(() =>
      hostDecider.evolve({ phase: 'absent' }, { type: 'HostRevoked', data: { at: AT, reason: '' } }),
    ).toThrow(/first event/);
  });
});

describe('what a host reports', () => {
  const eventsOf = (...later: readonly HostCommand[]) =>
    play(hostDecider, [EnrolHost, ReportHostOnline, ...later]).events.slice(2);

  test('only transitions of presence become events', () => {
    expect(eventsOf(ReportHostOnline, ReportHostOffline, ReportHostOffline, ReportHostOnline)).toMatchObject([
      { type: 'HostWentOffline' },
      { type: 'HostCameOnline' },
    ]);
  });

  test('a new boot or agent version is news although the host was never offline', () => {
    expect(eventsOf({ ...ReportHostOnline, bootId: 'b2' })).toMatchObject([{ data: { bootId: 'b2' } }]);
  });

  test('the same outcome of the same order is told once', () => {
    const { ReportConfigurationApplied: applied, ReportConfigurationFailed: failed } = commands;
    expect(eventsOf(applied, applied)).toHaveLength(1);
    expect(eventsOf(failed, failed)).toHaveLength(1);
  });

  test('a report about an older order is ignored', () => {
    expect(
      eventsOf(commands.ReportConfigurationApplied, {
        ...commands.ReportConfigurationFailed,
        generation: 2,
      }),
    ).toHaveLength(1);
  });

  test('a host that fell back and recovered is told both times', () => {
    const { ReportConfigurationApplied: applied, ReportHostFellBack: fellBack } = commands;
    expect(eventsOf(applied, fellBack, applied).map(({ type }) => type)).toEqual([
      'HostConfigurationApplied',
      'HostFellBack',
      'HostConfigurationApplied',
    ]);
  });

  test('a failed order leaves the collectors that ran before', () => {
    const { state } = play(hostDecider, [
      EnrolHost,
      commands.ReportConfigurationApplied,
      { ...commands.ReportConfigurationFailed, generation: 4 },
    ]);
    expect(state).toMatchObject({ configuration: { outcome: 'failed', generation: 4, collectors } });
  });

  test('equal labels in another order are no change, and a label change can take the site away', () => {
    const both = { ...commands.LabelHost, labels: { a: '1', b: '2' } };
    expect(eventsOf(both, { ...both, labels: { b: '2', a: '1' } })).toHaveLength(1);
    expect(play(hostDecider, [EnrolHost, commands.LabelHost]).state).not.toHaveProperty('site');
  });
});

describe('the credential of a host', () => {
  const { IssueHostCredential, RequestHostCredentialRotation, RotateHostCredential } = commands;
  const afterwards = (...later: readonly HostCommand[]) => play(hostDecider, [EnrolHost, ...later]);

  test('a rotation that was asked for twice is one', () => {
    const { events } = afterwards(RequestHostCredentialRotation, RequestHostCredentialRotation);
    expect(events.slice(1)).toMatchObject([{ type: 'HostCredentialRotationRequested' }]);
  });

  test('each key is issued once, and no more than four', () => {
    const keys = ['K1', 'K1', 'K2', 'UKEY1', 'K3', 'K4', 'K5'];
    const issues = keys.map((publicKey): HostCommand => ({ ...IssueHostCredential, publicKey }));
    const { state } = afterwards(RequestHostCredentialRotation, ...issues);
    expect(state).toMatchObject({ rotation: { requestedAt: AT, issued: ['K1', 'K2', 'K3', 'K4'] } });
  });

  test('a new credential ends the rotation, and the next may begin', () => {
    const rotated = afterwards(RequestHostCredentialRotation, IssueHostCredential, RotateHostCredential);
    expect(rotated.state).not.toHaveProperty('rotation');
    expect(rotated.state).toMatchObject({ publicKey: 'UKEY2' });
    expect(hostDecider.decide(RequestHostCredentialRotation, rotated.state)).toHaveLength(1);
  });
});
