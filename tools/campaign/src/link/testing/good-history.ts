import type { HistoryLine, Lane, LineOf } from '../history/lines.js';
import { at, calmEnd, presence } from './good-ending.js';

export { at } from './good-ending.js';

const FAR = at(3_600);

/** Writes down one life of one host, and what the hub got of it. */
class Life {
  readonly lines: HistoryLine[] = [];
  private readonly next = { results: 1, metrics: 1 };

  constructor(
    private readonly who: { readonly host: string; readonly epoch: string; readonly boot: string },
    private seconds: number,
  ) {
    this.lines.push({ type: 'boot', at: at(seconds), ...who });
  }

  /** A message that went all the way: to the disk, to the hub, and then the cursor behind it. */
  message(lane: Lane, facts: Partial<LineOf<'appending'>> = {}): this {
    const n = this.next[lane]++;
    const { epoch, host } = this.who;
    const hash = `${host} ${epoch} ${lane} ${n}`;
    const kind = lane === 'results' ? 'task-progress' : 'met';
    const stream = lane === 'results' ? 'UPLINK' : 'METRICS';
    this.lines.push(
      { type: 'appending', at: this.later(), ...this.who, lane, n, kind, hash, ...facts },
      { type: 'appended', at: this.later(), ...this.who, lane, n },
      { type: 'stored', at: this.later(), stream, host, epoch, n, sequence: n, hash },
      { type: 'cursor', at: this.later(), ...this.who, lane, n },
    );
    return this;
  }

  /** A window that gave way to newer ones. */
  lost(): this {
    const n = this.next.metrics++;
    const { epoch, host } = this.who;
    const written = { lane: 'metrics', n, kind: 'met', hash: `lost ${n}` } as const;
    this.lines.push(
      { type: 'appending', at: this.later(), ...this.who, ...written },
      { type: 'appended', at: this.later(), ...this.who, lane: 'metrics', n },
    );
    this.message('results', { kind: 'outbox-gap', fromN: n, toN: n });
    this.lines.push(
      { type: 'cursor', at: this.later(), ...this.who, lane: 'metrics', n },
      { type: 'gap-row', host, epoch, fromN: n, toN: n },
    );
    return this;
  }

  order(generation: number): this {
    const { host } = this.who;
    const taskId = `g${generation}`;
    const kind = 'ApplyCollectors' as const;
    this.row(generation, taskId, 'offered');
    this.lines.push({
      type: 'handed',
      at: this.later(),
      ...this.who,
      taskId,
      kind,
      status: 'accepted',
      generation,
    });
    for (const stage of ['received', 'validated', 'applying', 'effective']) {
      this.message('results', { kind: 'attempt', taskId, generation, stage });
      this.row(generation, taskId, stage);
    }
    this.lines.push({ type: 'host-event', at: this.later(), host, generation, stage: 'effective' });
    return this;
  }

  task(taskId: string, kind: 'CollectLogs' | 'RestartCollector' = 'RestartCollector'): this {
    const { host } = this.who;
    this.lines.push(
      { type: 'asked', at: this.later(), host, taskId, kind, deadline: FAR },
      { type: 'stage-row', at: this.later(), taskId, stage: 'requested' },
      { type: 'stage-row', at: this.later(), taskId, stage: 'offered' },
      { type: 'handed', at: this.later(), ...this.who, taskId, kind, status: 'accepted' },
      { type: 'stage-row', at: this.later(), taskId, stage: 'accepted' },
      { type: 'effect', at: this.later(), ...this.who, taskId, edge: 'begun' },
      { type: 'effect', at: this.later(), ...this.who, taskId, edge: 'ended' },
    );
    this.message('results', { kind: 'task-result', taskId, outcome: 'done' });
    this.lines.push(
      { type: 'stage-row', at: this.later(), taskId, stage: 'done' },
      { type: 'task-row', host, taskId, phase: 'done', cancel: 'none' },
    );
    return this;
  }

  /** Nothing happens for a while. */
  until(seconds: number): this {
    this.seconds = seconds;
    return this;
  }

  /** What the gateway has taken by now. */
  taken(): this {
    const { epoch, host } = this.who;
    this.lines.push({ type: 'cursor-row', host, epoch, lane: 'results', n: this.next.results - 1 });
    return this;
  }

  private row(generation: number, taskId: string, stage: string): void {
    const { host } = this.who;
    const configs = stage === 'effective' ? [`baseline c${generation}`] : [];
    this.lines.push({ type: 'attempt-row', at: this.later(), host, generation, taskId, stage, configs });
  }

  private later(): string {
    this.seconds += 0.01;
    return at(this.seconds);
  }
}

/** A history with everything in it, of which nothing is wrong. `h2` lost its disk in between. */
export function goodHistory(): readonly HistoryLine[] {
  const first = new Life({ host: 'h1', epoch: 'e1', boot: 'b1' }, 0)
    .order(1)
    .message('metrics')
    .task('t1')
    .lost()
    .task('t2', 'CollectLogs')
    .message('metrics')
    .order(2)
    .until(90)
    .task('t5')
    .taken();
  const lost = new Life({ host: 'h2', epoch: 'e2', boot: 'b2' }, 10)
    .order(1)
    .task('t3')
    .message('metrics')
    .taken();
  const fresh = new Life({ host: 'h2', epoch: 'e3', boot: 'b3' }, 20)
    .order(2)
    .message('metrics')
    .task('t4')
    .taken();
  const wants = ['h1', 'h2'].map((host): HistoryLine => ({
    type: 'want',
    host,
    experimentId: 'e',
    generation: 2,
    configs: ['baseline c2'],
  }));
  const events = [{ host: 'h1', generation: 2, stage: 'effective' }];
  return [
    { type: 'seed', at: at(0), seed: 1, hosts: ['h1', 'h2'] },
    ...first.lines,
    ...lost.lines,
    { type: 'wiped', at: at(15), host: 'h2' },
    ...fresh.lines,
    { type: 'gateway-left', at: at(60), code: 0, signal: null, ms: 900, events, rows: events },
    ...calmEnd,
    ...presence,
    ...wants,
  ];
}
