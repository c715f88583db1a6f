import * as fc from 'fast-check';
import { isId } from '#lib/events';
import { hostIdOf } from './host-id.js';

describe('host ids', () => {
  it('fit into a subject, whatever the host is called', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, token) => expect(isId(hostIdOf(name, token))).toBe(true)),
    );
  });

  it('are readable, stable for one token, and different for another', () => {
    expect(hostIdOf('Web-1.Example.org', 't1')).toMatch(/^web-1-example-org-[0-9a-f]{8}$/);
    expect(hostIdOf('web', 't1')).toBe(hostIdOf('web', 't1'));
    expect(hostIdOf('web', 't2')).not.toBe(hostIdOf('web', 't1'));
  });
});
