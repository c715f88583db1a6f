import type { StartedExperiment } from '#lib/domain';
import type { HostId, RunningCollector } from '#lib/events';
import { confirmationOf, type TargetHost } from './settled.js';

const candidate: RunningCollector = { variant: 'candidate', configHash: 'cc' };
const baseline: RunningCollector = { variant: 'baseline', configHash: 'bb' };
const at = '2026-01-02T03:04:05.000Z';

const inPhase = (phase: StartedExperiment['phase']) =>
  ({ phase, run: {}, spec: {} }) as unknown as StartedExperiment;
const host = (running: RunningCollector[], wanted: RunningCollector[], online = true): TargetHost => ({
  id: 'h1' as HostId,
  online,
  running,
  wanted,
});

describe('confirming a change on the hosts', () => {
  it.each([
    ['promoting', candidate, 'ConfirmPromotion'],
    ['rolling_back', baseline, 'ConfirmRollback'],
    ['stopping', baseline, 'ConfirmStop'],
  ] as const)('while %s it waits for exactly the wanted collector', (phase, wanted, type) => {
    const state = inPhase(phase);
    const settled = host([wanted], [wanted]);
    expect(confirmationOf(state, [settled], at)).toEqual({ type, at });
    expect(confirmationOf(state, [settled, host([baseline, candidate], [wanted])], at)).toBeUndefined();
    expect(
      confirmationOf(state, [settled, host([{ ...wanted, configHash: 'old' }], [wanted])], at),
    ).toBeUndefined();
  });

  it('is not fooled by a host that still has the order from before', () => {
    const both = [baseline, candidate];
    expect(confirmationOf(inPhase('promoting'), [host(both, both)], at)).toBeUndefined();
    expect(confirmationOf(inPhase('promoting'), [host([], [])], at)).toBeUndefined();
  });

  it('does not wait for hosts that are offline', () => {
    const gone = host([baseline, candidate], [candidate], false);
    expect(confirmationOf(inPhase('promoting'), [gone, host([candidate], [candidate])], at)).toBeDefined();
  });

  it.each(['deploying', 'running', 'concluded', 'promoted', 'stopped'] as const)(
    'has nothing to say while %s',
    (phase) => expect(confirmationOf(inPhase(phase), [host([baseline], [baseline])], at)).toBeUndefined(),
  );
});
