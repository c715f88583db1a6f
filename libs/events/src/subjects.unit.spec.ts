import * as fc from 'fast-check';
import { parseEventSubject, parseHostSubject, parsePosition, position, subjects } from './index.js';
import type { AggregateId, HostId, TenantId } from './index.js';
import { hostSubjects } from './agent-protocol/index.js';

const id = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,30}$/);

describe('subjects', () => {
  it('an event subject names its aggregate and nothing else', () => {
    fc.assert(
      fc.property(id, fc.constantFrom('experiment', 'pipeline', 'host'), id, (tenant, aggregate, name) => {
        const ref = {
          tenant: tenant as TenantId,
          aggregate,
          id: name as AggregateId,
        };
        expect(parseEventSubject(subjects.events(ref))).toEqual(ref);
      }),
    );
  });

  it.each([
    'evt.a.experiment',
    'evt.a.experiment.b.c',
    'evt.a.planet.b',
    'evt.A.host.b',
    'pub.a.host.b',
    'evt.a.host.*',
  ])('refuses %s as an event subject', (subject) => expect(parseEventSubject(subject)).toBeUndefined());

  it('every subject of a host leads back to that host', () => {
    fc.assert(
      fc.property(id, id, (tenant, host) => {
        const names = hostSubjects(tenant, host);
        const where = { tenant: tenant as TenantId, host: host as HostId };
        expect(parseHostSubject(names.hello)).toEqual({ ...where, kind: 'hello', rest: '' });
        expect(parseHostSubject(names.heartbeat)).toEqual({ ...where, kind: 'hb', rest: '' });
        expect(parseHostSubject(names.uplink('attempt'))).toEqual({ ...where, kind: 'up', rest: 'attempt' });
        expect(parseHostSubject(names.reply('t1'))).toEqual({ ...where, kind: 'rep', rest: 't1' });
        expect(parseHostSubject(names.metrics)).toEqual({ ...where, kind: 'met', rest: '' });
        expect(parseHostSubject(`met.17.${tenant}.${host}`)).toEqual({ ...where, kind: 'met', rest: '' });
      }),
    );
  });

  it.each(['down.a.b.task', 'hb.a', 'hb.a.B', 'up..b.x', ''])('refuses %s as a host subject', (subject) =>
    expect(parseHostSubject(subject)).toBeUndefined(),
  );
});

describe('positions', () => {
  it('travel as decimal strings', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (n) => {
        expect(parsePosition(String(position(n)))).toBe(n);
      }),
    );
    for (const text of ['', '-1', '1.5', '1e3', '9'.repeat(16), ' 1'])
      expect(parsePosition(text)).toBeUndefined();
    expect(() => position(-1)).toThrow(RangeError);
    expect(() => position(0.5)).toThrow(RangeError);
  });
});
