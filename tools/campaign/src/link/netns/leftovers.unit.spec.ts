import { namesIn } from './leftovers.js';

describe('what ip lists', () => {
  it('is read by name, of links and of namespaces', () => {
    expect(namesIn('[{"ifindex":1,"ifname":"lo"},{"ifname":"phx7-root"}]')).toEqual(['lo', 'phx7-root']);
    expect(namesIn('[{"name":"phx7-hub"},{"name":"phx7-router","id":0}]')).toEqual([
      'phx7-hub',
      'phx7-router',
    ]);
  });

  it('may be nothing at all', () => {
    expect(namesIn('\n')).toEqual([]);
  });
});
