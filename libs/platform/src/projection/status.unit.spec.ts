import { position } from '#lib/events';
import { initialStatus, lagOf, MAX_READY_LAG, projectionProblems, type ProjectionStatus } from './status.js';

const leading: ProjectionStatus = {
  ...initialStatus('hosts'),
  state: 'leading',
  position: position(10),
  head: position(12),
};

describe('the health of a projection', () => {
  it('is good while it leads with a small lag, or stands by', () => {
    expect(lagOf(leading)).toBe(2);
    expect(projectionProblems(leading)).toEqual([]);
    expect(projectionProblems({ ...leading, state: 'standby' })).toEqual([]);
  });

  it('names the lag when it is too large', () => {
    const far = { ...leading, head: position(11 + MAX_READY_LAG) };
    expect(projectionProblems(far)).toEqual([`hosts is ${MAX_READY_LAG + 1} commits behind`]);
  });

  it('names parked aggregates', () => {
    expect(projectionProblems({ ...leading, parked: ['evt.default.host.h1'] })).toEqual([
      'hosts has parked 1 aggregates: evt.default.host.h1',
    ]);
  });

  it('names what stands in the way', () => {
    expect(projectionProblems({ ...leading, state: 'retrying', error: 'ECONNREFUSED' })).toEqual([
      'hosts is retrying: ECONNREFUSED',
    ]);
    expect(projectionProblems(initialStatus('hosts'))).toEqual(['hosts is starting']);
  });
});
