import fc from 'fast-check';
import type { HistoryLine, LineOf, LineType } from '../history/lines.js';
import { at, goodHistory } from '../testing/good-history.js';
import { check, properties, type PropertyName } from './index.js';

type Change = (lines: readonly HistoryLine[]) => readonly HistoryLine[];
type Facts = Readonly<Record<string, unknown>>;

const isLike = (line: HistoryLine, like: Facts): boolean =>
  Object.entries(like).every(([name, value]) => (line as Facts)[name] === value);

/** Leaves out every line like this one. */
const without =
  (like: Facts): Change =>
  (lines) =>
    lines.filter((line) => !isLike(line, like));
/** Changes every line like this one. */
const changed =
  (like: Facts, facts: Facts): Change =>
  (lines) =>
    lines.map((line) => (isLike(line, like) ? { ...line, ...facts } : line));
/** Repeats the first line like this one, changed, right behind it. */
const repeated =
  (like: Facts, facts: Facts): Change =>
  (lines) => {
    const place = lines.findIndex((line) => isLike(line, like));
    const copy = { ...lines[place], ...facts } as HistoryLine;
    return [...lines.slice(0, place + 1), copy, ...lines.slice(place + 1)];
  };
const added =
  (...more: readonly HistoryLine[]): Change =>
  (lines) => [...lines, ...more];
const both =
  (first: Change, second: Change): Change =>
  (lines) =>
    second(first(lines));

const h1 = { host: 'h1', epoch: 'e1', boot: 'b1' } as const;
const result = { ...h1, lane: 'results' as const };

interface Broken {
  readonly property: PropertyName;
  readonly what: string;
  readonly change: Change;
}

const broken: readonly Broken[] = [
  {
    property: 'effects at most once (P11)',
    what: 'a restart takes place again after the agent was killed',
    change: repeated({ type: 'effect', taskId: 't1', edge: 'begun' }, { boot: 'b9' }),
  },
  {
    property: 'effects at most once (P11)',
    what: 'logs are collected twice in one life',
    change: repeated({ type: 'effect', taskId: 't2', edge: 'begun' }, {}),
  },
  {
    property: 'tasks done (P11)',
    what: 'a task is lost',
    change: changed({ type: 'task-row', taskId: 't1' }, { phase: 'accepted' }),
  },
  {
    property: 'tasks done (P11)',
    what: 'a task is said to be done, and had no effect',
    change: without({ type: 'effect', taskId: 't1' }),
  },
  {
    property: 'tasks done (P11)',
    what: 'a task fails although its agent was never restarted',
    change: changed({ type: 'task-row', taskId: 't1' }, { phase: 'failed' }),
  },
  {
    property: 'taken back never begins (P11)',
    what: 'a task is sent although it was cancelled before',
    change: both(
      without({ type: 'stage-row', taskId: 't1', stage: 'offered' }),
      changed({ type: 'stage-row', taskId: 't1', stage: 'done' }, { stage: 'cancelled' }),
    ),
  },
  {
    property: 'taken back never begins (P11)',
    what: 'a task begins although its cancellation came first',
    change: changed(
      { type: 'handed', taskId: 't1' },
      { kind: 'CancelTask', taskId: 'cancel-t1', cancels: 't1' },
    ),
  },
  {
    property: 'one result each (P11)',
    what: 'a task is accepted twice',
    change: repeated({ type: 'handed', taskId: 't1' }, {}),
  },
  {
    property: 'one result each (P11)',
    what: 'an accepted task has no result',
    change: changed({ type: 'appending', kind: 'task-result', taskId: 't1' }, { kind: 'task-progress' }),
  },
  {
    property: 'one result each (P11)',
    what: 'a task has two outcomes',
    change: (lines) => {
      const told = lines.find((line) =>
        isLike(line, { type: 'appending', kind: 'task-result', taskId: 't2' }),
      );
      const { n } = told as LineOf<'appending'>;
      return changed(
        { type: 'appending', lane: 'results', n: n - 1, host: 'h1' },
        {
          ...{ kind: 'task-result', taskId: 't2', outcome: 'failed', boot: 'b0' },
        },
      )(lines);
    },
  },
  {
    property: 'results complete (P12)',
    what: 'a result never arrived',
    change: without({ type: 'stored', stream: 'UPLINK', host: 'h1', n: 3 }),
  },
  {
    property: 'results complete (P12)',
    what: 'a result of a lost disk was acknowledged and is not there',
    change: without({ type: 'stored', stream: 'UPLINK', epoch: 'e2', n: 5 }),
  },
  {
    property: 'results complete (P12)',
    what: 'what is at the hub is not what was written',
    change: changed({ type: 'stored', stream: 'UPLINK', host: 'h1', n: 3 }, { hash: 'other' }),
  },
  {
    property: 'results complete (P12)',
    what: 'a number was given to two messages, and both were sent',
    change: repeated({ type: 'stored', stream: 'METRICS', host: 'h1', n: 1 }, { hash: 'other' }),
  },
  {
    property: 'results taken once (P12)',
    what: 'the last result was not taken',
    change: changed({ type: 'cursor-row', epoch: 'e1' }, { n: 1 }),
  },
  {
    property: 'results taken once (P12)',
    what: 'a report is two rows',
    change: repeated({ type: 'attempt-row', host: 'h1', generation: 1, stage: 'applying' }, { at: at(99) }),
  },
  {
    property: 'results taken once (P12)',
    what: 'a report is no row',
    change: without({ type: 'attempt-row', host: 'h1', generation: 1, stage: 'effective' }),
  },
  {
    property: 'metrics there or in a gap (P12)',
    what: 'a window is gone without a word',
    change: without({ type: 'stored', stream: 'METRICS', host: 'h1', n: 3 }),
  },
  {
    property: 'metrics there or in a gap (P12)',
    what: 'a gap is claimed for a window that is there',
    change: changed({ type: 'gap-row', host: 'h1' }, { toN: 3 }),
  },
  {
    property: 'metrics there or in a gap (P12)',
    what: 'the gateway found a hole in the results',
    change: added({ type: 'gap-row', host: 'h1', epoch: 'e1', fromN: 90, toN: 91 }),
  },
  {
    property: 'metrics there or in a gap (P12)',
    what: 'a gap that was told is not in the table',
    change: without({ type: 'gap-row', host: 'h1' }),
  },
  {
    property: 'epochs apart (P12)',
    what: 'a disk was wiped, and its numbering goes on',
    change: both(changed({ epoch: 'e3' }, { epoch: 'e2' }), (lines) => lines),
  },
  {
    property: 'epochs apart (P12)',
    what: 'a numbering starts again without a reason',
    change: without({ type: 'wiped' }),
  },
  {
    property: 'nothing crossed (P13)',
    what: 'a message stands under another host',
    change: repeated({ type: 'stored', host: 'h1' }, { host: 'h2' }),
  },
  {
    property: 'nothing crossed (P13)',
    what: 'a task reaches another host',
    change: repeated({ type: 'handed', taskId: 't1' }, { host: 'h2', epoch: 'e3', boot: 'b3' }),
  },
  {
    property: 'nothing crossed (P13)',
    what: 'a stage stands in the ledger of a host that never told it',
    change: repeated(
      { type: 'attempt-row', host: 'h1', generation: 1, stage: 'effective' },
      { host: 'h2', generation: 7 },
    ),
  },
  {
    property: 'acknowledged is stored (P16)',
    what: 'a cursor moves before the hub has the message',
    change: changed({ type: 'stored', stream: 'UPLINK', host: 'h1', n: 2 }, { at: at(50) }),
  },
  {
    property: 'acknowledged is stored (P16)',
    what: 'a cursor passes a window that was neither stored nor given up',
    change: without({ type: 'stored', stream: 'METRICS', host: 'h1', n: 1 }),
  },
  {
    property: 'a leaving gateway abandons nothing (P17)',
    what: 'it had to be killed',
    change: changed({ type: 'gateway-left' }, { code: null, signal: 'SIGKILL' }),
  },
  {
    property: 'a leaving gateway abandons nothing (P17)',
    what: 'a report is an event and no row',
    change: changed({ type: 'gateway-left' }, { rows: [] }),
  },
  {
    property: 'a leaving gateway abandons nothing (P17)',
    what: 'a task that was answered long ago is handed over again',
    change: added({
      ...{ type: 'handed', at: at(62), ...h1, taskId: 't1', kind: 'RestartCollector', status: 'duplicate' },
    }),
  },
  {
    property: 'a leaving gateway abandons nothing (P17)',
    what: 'a task is handed over again at the calm end, shortly after a fault',
    change: added({
      ...{ type: 'handed', at: at(101), ...h1, taskId: 't5', kind: 'RestartCollector', status: 'duplicate' },
    }),
  },
  {
    property: 'a leaving gateway abandons nothing (P17)',
    what: 'the reply came while the gateway was leaving, and it did not hear it',
    change: added(
      {
        ...{ type: 'handed', at: at(99.9), ...h1, taskId: 't6', kind: 'CollectLogs', status: 'accepted' },
      },
      {
        ...{ type: 'handed', at: at(101), ...h1, taskId: 't6', kind: 'CollectLogs', status: 'duplicate' },
      },
    ),
  },
  {
    property: 'a leaving gateway abandons nothing (P17)',
    what: 'no departure could be judged: all had faults near them, and there was no calm end',
    change: both(without({ type: 'calm' }), changed({ type: 'fault' }, { at: at(79.9) })),
  },
  {
    property: 'final generation effective',
    what: 'a host runs something else',
    change: changed({ type: 'want', host: 'h1' }, { configs: ['baseline other'] }),
  },
  {
    property: 'final generation effective',
    what: 'a host never heard of the newest generation',
    change: changed({ type: 'want', host: 'h2' }, { generation: 3 }),
  },
  {
    property: 'generations only grow',
    what: 'a host goes back',
    change: added({
      ...{ type: 'handed', at: at(70), ...h1, taskId: 'g1', kind: 'ApplyCollectors', status: 'accepted' },
      generation: 1,
    }),
  },
  {
    property: 'ledger complete',
    what: 'a stage is missing in the middle',
    change: without({ type: 'attempt-row', host: 'h1', generation: 1, stage: 'validated' }),
  },
  {
    property: 'ledger complete',
    what: 'an accepted order has no end',
    change: without({ type: 'attempt-row', host: 'h1', generation: 2, stage: 'effective' }),
  },
  {
    property: 'ledger complete',
    what: 'an accepted order was never offered',
    change: without({ type: 'attempt-row', host: 'h2', generation: 2, stage: 'offered' }),
  },
  {
    property: 'online in the end',
    what: 'a host is up and offline by the log',
    change: without({ type: 'presence-event', host: 'h1', at: at(62) }),
  },
  {
    property: 'online in the end',
    what: 'a host is up and suspect for those who look at it',
    change: changed({ type: 'view-row', host: 'h2' }, { status: 'suspect' }),
  },
  {
    property: 'online in the end',
    what: 'a host is not in the read model',
    change: without({ type: 'view-row', host: 'h2' }),
  },
  {
    property: 'only transitions are presence events',
    what: 'a host goes offline twice',
    change: repeated({ type: 'presence-event', phase: 'offline' }, {}),
  },
  {
    property: 'only transitions are presence events',
    what: 'a host comes online twice with the same run of its agent',
    change: repeated({ type: 'presence-event', host: 'h2', phase: 'online' }, {}),
  },
  {
    property: 'only transitions are presence events',
    what: 'a host that was offline is suspect again before it was online',
    change: changed({ type: 'presence-event', host: 'h1', at: at(62) }, { phase: 'suspect' }),
  },
  {
    property: 'a long cut is noticed',
    what: 'a host that was cut off is never offline',
    change: without({ type: 'presence-event', phase: 'offline' }),
  },
  {
    property: 'a long cut is noticed',
    what: 'a host is offline only when the cut is over',
    change: changed({ type: 'presence-event', phase: 'offline' }, { at: at(61.5) }),
  },
  {
    property: 'a long cut is noticed',
    what: 'its connection is held although no ping was answered',
    change: without({ type: 'ping-timeout' }),
  },
  {
    property: 'nobody crashed unasked',
    what: 'a host crashed, and no plan had it so',
    change: changed({ type: 'process-ended' }, { isArranged: false, code: 1, signal: null }),
  },
  {
    property: 'comes to rest',
    what: 'something is still under way',
    change: added({ type: 'unrest', at: at(300), what: 't1 of h1 is accepted' }),
  },
];

const names = (lines: readonly HistoryLine[]): readonly string[] =>
  check(lines).map(({ property }) => property);

describe('the checker', () => {
  it('finds nothing in a good history', () => {
    expect(check(goodHistory())).toEqual([]);
  });

  it.each(broken)('finds "$property" broken where $what', ({ change, property }) => {
    const lines = change(goodHistory());
    expect(lines).not.toEqual(goodHistory());
    const violations = check(lines).filter((one) => one.property === property);
    expect(violations).not.toEqual([]);
    expect(violations.every(({ evidence }) => evidence.length > 0 || property.includes('taken once'))).toBe(
      true,
    );
  });

  it('has a broken history for every property', () => {
    expect(new Set(broken.map(({ property }) => property))).toEqual(new Set(Object.keys(properties)));
  });

  it('takes a number that was given again after a crash before it was on the disk', () => {
    const again: HistoryLine = {
      ...{ type: 'appending', at: at(1), ...result, n: 2, kind: 'task-progress', hash: 'never written' },
    };
    expect(names([...goodHistory(), again])).toEqual([]);
  });

  it('takes copies of a message, however many', () => {
    const copies: Change = repeated({ type: 'stored', stream: 'UPLINK', host: 'h1', n: 2 }, { at: at(90) });
    expect(names(copies(goodHistory()))).toEqual([]);
  });

  it('does not depend on how the lines of different kinds are mixed', () => {
    const types = [...new Set(goodHistory().map(({ type }) => type))];
    fc.assert(
      fc.property(fc.shuffledSubarray(types, { minLength: types.length }), (order) => {
        const sorted = [...goodHistory()].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
        expect(names(sorted)).toEqual([]);
      }),
    );
  });

  it('misses no message that is gone from the hub or the disk of a host that kept it', () => {
    const kept = goodHistory().flatMap((line, place) =>
      line.type === 'stored' && line.epoch !== 'e2' ? [place] : [],
    );
    fc.assert(
      fc.property(fc.constantFrom(...kept), (gone) => {
        expect(names(goodHistory().filter((_, place) => place !== gone))).not.toEqual([]);
      }),
    );
  });

  it('finds it when any line of the control plane is gone', () => {
    const held: readonly LineType[] = ['cursor-row', 'gap-row', 'task-row'];
    const places = goodHistory().flatMap(({ type }, place) => (held.includes(type) ? [place] : []));
    fc.assert(
      fc.property(fc.constantFrom(...places), (gone) => {
        const line = goodHistory()[gone];
        const isExcused = line?.type === 'task-row' && line.taskId === 't3';
        expect(names(goodHistory().filter((_, place) => place !== gone)).length > 0).toBe(!isExcused);
      }),
    );
  });
});
