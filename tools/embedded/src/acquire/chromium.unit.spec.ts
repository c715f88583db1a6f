import { chromiumObjection } from './chromium.js';

describe('the version of Chromium', () => {
  it.each(['120.0.0', '153.0.8010', '156.0.8078'])('%s will do', (version) => {
    expect(chromiumObjection(version)).toBeUndefined();
  });

  it.each(['119.9.9', '83.0.4103', 'nonsense'])('%s will not do', (version) => {
    expect(chromiumObjection(version)).toContain('120');
  });
});
