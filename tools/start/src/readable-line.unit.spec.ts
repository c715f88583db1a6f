import { readableLine } from './readable-line.js';

describe('a line of a part at the terminal', () => {
  it.each([
    [
      'projector | {"level":"info","time":"2026-01-01T00:00:00.000Z","app":"projector","projection":"hosts","epoch":1,"msg":"leading"}',
      'projector     | leading  projection=hosts  epoch=1',
    ],
    [
      'agent | {"level":"warn","err":{"message":"no space","stack":"at x"},"msg":"not kept"}',
      'agent         | WARN not kept  err=no space',
    ],
    ['migrate | streams: EVENTS as defined', 'migrate       | streams: EVENTS as defined'],
    ['command-api | {"half', 'command-api   | {"half'],
    ['command-api is ready at http://127.0.0.1:8080', 'command-api is ready at http://127.0.0.1:8080'],
    ['', ''],
  ])('%s', (line, words) => expect(readableLine(line)).toBe(words));
});
