import { natsObjection } from './nats-server.js';

describe('the version of nats-server', () => {
  it.each(['2.12.0', '2.12.2', '2.15.1', '3.0.0'])('%s will do', (version) => {
    expect(natsObjection(version)).toBeUndefined();
  });

  it.each(['2.11.9', '2.9.10', '1.99.0', 'nonsense'])('%s will not do', (version) => {
    expect(natsObjection(version)).toContain('2.12');
  });
});
