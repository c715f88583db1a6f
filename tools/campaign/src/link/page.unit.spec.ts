import type { HistoryLine } from './history/lines.js';
import { properties } from './checker/index.js';
import { page } from './page.js';
import { summarize } from './summary.js';
import { at, goodHistory } from './testing/good-history.js';

const machine = { cpu: 'a CPU', cores: 2, memoryGiB: 8, system: 'Linux', node: 'v20', commit: 'abc1234' };
const facts = { machine, date: '2026-01-02T03:04:05.000Z', command: 'npm run campaign' };
const fault = { type: 'fault', at: at(5), kind: 'stall', target: 'h1' } as const;
const unrest = { type: 'unrest', at: at(300), what: 't1 of h1 is accepted' } as const;

describe('the page of a campaign', () => {
  const good = summarize(1, [...goodHistory(), fault, fault], 60);
  const bad = summarize(2, [...goodHistory(), unrest], 70);

  it('counts what took place', () => {
    expect(good).toMatchObject({
      faults: { stall: 3 },
      tasks: 5,
      lostWindows: 1,
      restarts: 3,
      crashes: { arranged: 1, unexpected: 0 },
      offline: 1,
      pingTimeouts: 1,
      violations: [],
    });
  });

  it('says where and when it was, and names every property', () => {
    const text = page([good], facts);
    expect(text).toContain('2026-01-02, commit `abc1234`');
    for (const property of Object.keys(properties)) expect(text).toContain(`| ${property} | none |`);
    expect(text).toContain('| stall | 3 |');
    expect(text).toContain('redelivery checked: 9 tasks in 2 departures');
    expect(text).toContain('unexpected ends of processes: 0');
    expect(text).not.toContain('## Violations');
  });

  it('shows what the kernel saw where the links were real, and nothing of it elsewhere', () => {
    const healed: HistoryLine = {
      ...{ type: 'link-healed', at: at(9), kind: 'reordered', node: 'direct', wentOffline: false },
      ...{ tcp: {}, link: { overlimits: 4 }, hub: {} },
    };
    const text = page([summarize(3, [...goodHistory(), healed], 60)], { ...facts, netns: true });
    expect(text).toContain('# Fault campaign of the link, on real links');
    expect(text).toContain('| reordered | 1 | 0 |');
    expect(page([good], facts)).not.toContain('What the kernel saw');
  });

  it('keeps a violation, with its seed', () => {
    const text = page([good, bad], facts);
    expect(text).toContain('| comes to rest | 2 |');
    expect(text).toContain('seed 2, comes to rest: t1 of h1 is accepted');
    expect(text).toContain('2 seeds, 130 s, 1 violations');
  });
});
