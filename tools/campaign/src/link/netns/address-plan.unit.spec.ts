import { addressPlan, isFree, ownerOf, SLOTS } from './address-plan.js';

const names = ['hub', 'direct', 'leaf', 'leaf-of-leaf'];

describe('the addresses of a campaign', () => {
  it('gives each node its own network around the router', () => {
    const { network, nodes, root } = addressPlan(4711, 7, names);
    expect(network).toBe('198.18.7.0/24');
    expect(root).toMatchObject({ router: '198.18.7.1', address: '198.18.7.2', device: 'phx4711-root' });
    expect(nodes.map(({ name, router, address, spare }) => [name, router, address, spare])).toEqual([
      ['hub', '198.18.7.9', '198.18.7.10', '198.18.7.11'],
      ['direct', '198.18.7.17', '198.18.7.18', '198.18.7.19'],
      ['leaf', '198.18.7.25', '198.18.7.26', '198.18.7.27'],
      ['leaf-of-leaf', '198.18.7.33', '198.18.7.34', '198.18.7.35'],
    ]);
  });

  it('says in each name that others see whose it is, and keeps to what the kernel takes for a link', () => {
    const { nodes, root, routerNamespace } = addressPlan(4_194_304, 255, names);
    const seen = [routerNamespace, root.device, ...nodes.map(({ namespace = '' }) => namespace)];
    expect(seen.map(ownerOf)).toEqual(seen.map(() => 4_194_304));
    for (const { device, ifb, routerDevice } of [root, ...nodes])
      expect(Math.max(device.length, ifb.length, routerDevice.length)).toBeLessThanOrEqual(15);
  });

  it('takes nothing of others for a campaign’s', () => {
    expect(['eth0', 'phx-root', 'phx12', 'aphx12-root', 'docker0'].map(ownerOf)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  it('refuses more nodes than there is room for', () => {
    expect(() =>
      addressPlan(
        1,
        0,
        Array.from({ length: 32 }, (_, i) => `n${i}`),
      ),
    ).toThrow(RangeError);
  });
});

describe('a free network', () => {
  it.each([
    ['198.18.3.0/24', [3]],
    ['198.18.3.9', [3]],
    ['198.18.2.0/23', [2, 3]],
  ])('is none that %s leads into', (route, taken) => {
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    expect(slots.filter((slot) => !isFree(slot, ['default', '192.0.2.0/24', route]))).toEqual(taken);
  });

  it('is not there where the whole block is in use', () => {
    expect(isFree(0, ['198.18.0.0/15'])).toBe(false);
  });

  it('is every one where only other networks are', () => {
    expect(isFree(0, ['default', '10.0.0.0/8', 'fe80::/64', '::1', 'unreachable'])).toBe(true);
  });
});
