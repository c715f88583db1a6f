import type { Result } from './bench.js';
import { jsonLine, markdownTable, table } from './report.js';

const missed: Result = {
  name: 'events.append-store',
  value: 4321.987,
  unit: 'commits/s',
  ceiling: 8765.4,
  ratio: 0.49307,
  target: 0.8,
  met: false,
};
const limited: Result = {
  name: 'agent.rss',
  value: 81.2,
  unit: 'MB',
  ceiling: null,
  ratio: null,
  target: 100,
  met: true,
};
const reported: Result = { ...limited, name: 'api.command', target: null, met: null };

it('a JSON line has exactly the fields that are promised, rounded', () => {
  expect(JSON.parse(jsonLine(missed))).toEqual({
    name: 'events.append-store',
    value: 4322,
    unit: 'commits/s',
    ceiling: 8765,
    ratio: 0.4931,
    target: 0.8,
    met: false,
  });
});

it('a table says of each figure whether its target was met, missed or never set', () => {
  const lines = table([missed, limited, reported]).split('\n');
  expect(lines[1]).toMatch(/^events\.append-store +4,322 +commits\/s +8,765 +0\.49 +>= 0\.8 +MISSED$/);
  expect(lines[2]).toMatch(/^agent\.rss +81\.2 +MB +- +- +<= 100 +met$/);
  expect(lines[3]).toMatch(/ - +reported$/);
});

it('a page tells what was measured beside each figure', () => {
  const metric = {
    name: 'agent.rss',
    unit: 'MB',
    goal: { kind: 'limit', atMost: 100 },
    what: 'peak',
  } as const;
  const page = markdownTable([limited], [metric]);
  expect(page.split('\n').at(-1)).toBe('| `agent.rss` | 81.2 MB | - | - | <= 100 | met | peak |');
});
