import { page } from './page.js';

const machine = {
  cpu: 'A processor',
  cores: 2,
  memoryGiB: 8,
  system: 'Linux 6.1 x64',
  node: 'v20.20.2',
  commit: 'abc1234',
} as const;
const goal = { kind: 'ratio', atLeast: 0.5 } as const;

it('the page names the day, the commit and the machine, and keeps what was missed', () => {
  const result = { name: 'a.b', value: 1, unit: 'x/s', ceiling: 4, ratio: 0.25, target: 0.5, met: false };
  const written = page([result], [{ name: 'a.b', unit: 'x/s', goal, what: 'one against four' }], {
    machine,
    date: '2026-03-01T10:00:00.000Z',
  });

  expect(written).toContain('- 2026-03-01, commit `abc1234`');
  expect(written).toContain('- A processor, 2 cores, 8 GiB, Linux 6.1 x64');
  expect(written).toContain('| `a.b` | 1 x/s | 4 | 0.25 | >= 0.5 | MISSED | one against four |');
});
