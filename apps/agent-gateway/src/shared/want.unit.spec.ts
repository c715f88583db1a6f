import { limitsOf } from '#lib/agent-protocol';
import { sameContent, taskIdOf, wantSchema, type Want } from './want.js';

const want: Want = {
  ...{ generation: 3, experimentId: 'e1', drain: true, criticalProcesses: ['nginx'] },
  collectors: [
    { variant: 'baseline', role: 'live', configHash: 'a' },
    { variant: 'candidate', role: 'shadow', configHash: 'b' },
  ],
};
const limited = (percent: number): Want => ({
  ...want,
  collectors: want.collectors.map((one) =>
    one.variant === 'candidate' ? { ...one, limits: limitsOf({ cpu: { percent } }) } : one,
  ),
});

describe('the desired state of a host', () => {
  it('is another one with other limits, and comes through WANT with them', () => {
    expect(sameContent(want, limited(20))).toBe(false);
    expect(sameContent(limited(20), limited(20))).toBe(true);
    expect(sameContent(limited(20), limited(30))).toBe(false);
    expect(wantSchema.parse(JSON.parse(JSON.stringify(limited(20))))).toEqual(limited(20));
  });

  it('is the task that it was before there were limits where it names none', () => {
    // From the release before limits: a host that has this order must not get it anew.
    expect(taskIdOf(want)).toBe('g3-e5b68da8');
  });
});
