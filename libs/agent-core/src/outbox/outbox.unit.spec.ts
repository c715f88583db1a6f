import { appendFile, mkdtemp, readdir, rm, truncate, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { MemoryDisk } from '../testing/memory-disk.js';
import type { NumberRange } from './lane-log.js';
import { Outbox, type LaneName } from './outbox.js';
import type { OutboxMessage } from './record.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function message(text: string): OutboxMessage {
  return { subject: 'up.t.h.attempt', headers: { kind: 'test' }, body: encode(text) };
}

function gapMessage(gap: NumberRange): OutboxMessage {
  return { ...message(''), body: encode(JSON.stringify({ gap })) };
}

const never = new AbortController().signal;

describe('the outbox on a real disk', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outbox-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const open = (segmentBytes = 1024) => Outbox.open({ folder, gapMessage, segmentBytes });

  it('gives messages back in their order, with subject, headers and body, also after a restart', async () => {
    const outbox = await open();
    await Promise.all(['a', 'b', 'c'].map((text) => outbox.append('results', message(text))));
    await outbox.acknowledge('results', (await outbox.next('results', never)).n);

    const again = await open();
    const entry = await again.next('results', never);

    expect(again.epoch).toBe(outbox.epoch);
    expect({ ...entry, body: decode(entry.body) }).toEqual({ n: 2, ...message('b'), body: 'b' });
    expect(again.headersOf('results', entry)).toEqual({
      kind: 'test',
      'Phx-Epoch': outbox.epoch,
      'Phx-N': '2',
      'Phx-Lane': 'results',
    });
    expect(again.status()).toEqual({ results: 2, metrics: 0, dropped: 0, failure: undefined });
  });

  it('counts the metrics that gave way to newer ones', async () => {
    const outbox = await Outbox.open({ folder, gapMessage, segmentBytes: 200, metricsCapBytes: 1600 });
    const kept = 100;
    for (let n = 1; n <= kept; n++) await outbox.append('metrics', message(`window ${n}`));
    const { dropped, metrics } = outbox.status();
    expect(dropped).toBeGreaterThan(0);
    expect(dropped + metrics).toBe(kept);
  });

  it('tolerates a torn tail and writes over it', async () => {
    await (await open()).append('metrics', message('whole'));
    const [file = ''] = (await readdir(join(folder, 'metrics'))).filter((name) => name.endsWith('.log'));
    const path = join(folder, 'metrics', file);
    const { size } = await stat(path);
    await (await open()).append('metrics', message('torn'));
    await truncate(path, size + 11);

    const outbox = await open();
    expect(await outbox.append('metrics', message('next'))).toBe(2);

    const texts = [];
    for (let i = 0; i < 2; i++) {
      const entry = await outbox.next('metrics', never);
      texts.push(decode(entry.body));
      await outbox.acknowledge('metrics', entry.n);
    }
    expect(texts).toEqual(['whole', 'next']);
  });

  it('takes no zeros for a record, which a power cut may leave', async () => {
    await (await open()).append('results', message('one'));
    const [file = ''] = (await readdir(join(folder, 'results'))).filter((name) => name.endsWith('.log'));
    await appendFile(join(folder, 'results', file), Buffer.alloc(4096));

    expect((await open()).status().results).toBe(1);
  });

  it('removes segments once they are acknowledged', async () => {
    const outbox = await open(64);
    for (let i = 0; i < 10; i++) await outbox.append('results', message(`message ${i}`));
    for (let i = 0; i < 10; i++) await outbox.acknowledge('results', (await outbox.next('results', never)).n);

    expect((await readdir(join(folder, 'results'))).filter((name) => name.endsWith('.log'))).toHaveLength(1);
    expect(await outbox.append('results', message('next'))).toBe(11);
  });

  it('goes on in a new segment after the last one was acknowledged to its end', async () => {
    const outbox = await open(64);
    await outbox.append('results', message('one'));
    await outbox.acknowledge('results', (await outbox.next('results', never)).n);
    await outbox.append('results', message('two'));

    expect(decode((await outbox.next('results', never)).body)).toBe('two');
  });

  it('starts a new epoch when the disk was wiped, or only the cursor was', async () => {
    const first = await open();
    await first.append('metrics', message('kept'));
    await rm(join(folder, 'metrics', 'cursor'));
    const second = await open();
    await rm(folder, { recursive: true });
    const third = await open();

    expect(new Set([first.epoch, second.epoch, third.epoch]).size).toBe(3);
    expect(second.status().metrics).toBe(1);
  });

  it('wakes who waits for the next message, and lets him go when he is stopped', async () => {
    const outbox = await open();
    const coming = outbox.next('metrics', never);
    await outbox.append('metrics', message('here'));
    expect(decode((await coming).body)).toBe('here');

    const stop = new AbortController();
    const waiting = outbox.next('results', stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });

  it('refuses what the stream would refuse for ever', async () => {
    const huge = { ...message(''), body: new Uint8Array(126 * 1024) };
    await expect((await open()).append('results', huge)).rejects.toMatchObject({ code: 'message-too-large' });
  });
});

describe('the outbox on a full disk', () => {
  it('says so, and goes on without a hole once there is room', async () => {
    const disk = new MemoryDisk();
    const outbox = await Outbox.open({ folder: '/o', gapMessage, disk });
    await outbox.append('metrics', message('one'));
    disk.isFull = true;

    await expect(outbox.append('metrics', message('lost'))).rejects.toMatchObject({
      code: 'outbox-unavailable',
    });
    expect(outbox.status()).toMatchObject({ metrics: 1, failure: 'ENOSPC: no space left on device' });

    disk.isFull = false;
    expect(await outbox.append('metrics', message('two'))).toBe(2);
    expect(outbox.status()).toMatchObject({ metrics: 2, failure: undefined });
  });

  it('cannot be made on a read-only one', async () => {
    const disk = new MemoryDisk();
    disk.isFull = true;
    await expect(Outbox.open({ folder: '/o', gapMessage, disk })).rejects.toMatchObject({
      code: 'outbox-unavailable',
    });
  });
});

type Step =
  | { readonly do: 'append'; readonly lane: LaneName; readonly size: number }
  | { readonly do: 'send'; readonly lane: LaneName; readonly isAnswered: boolean }
  | { readonly do: 'crash'; readonly afterWrites: number; readonly share: number };

const lane = fc.constantFrom<LaneName>('results', 'metrics');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), lane, size: fc.nat(60) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), lane, isAnswered: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      afterWrites: fc.nat(4),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

/** A host and its hub: what was promised to be kept, and what arrived under which number. */
class World {
  readonly disk = new MemoryDisk();
  readonly promised: Record<LaneName, Map<number, string>> = { results: new Map(), metrics: new Map() };
  readonly arrived: Record<LaneName, [number, string][]> = { results: [], metrics: [] };
  readonly epochs = new Set<string>();
  private outbox: Outbox | undefined;
  private count = 0;

  async run(step: Step): Promise<void> {
    if (step.do === 'crash') {
      this.disk.dieAfter(step);
      return;
    }
    try {
      if (step.do === 'append') await this.append(step.lane, `${this.count++} ${'x'.repeat(step.size)}`);
      else await this.send(step.lane, step.isAnswered);
    } catch {
      this.outbox = undefined;
      this.disk.revive();
    }
  }

  async drain(): Promise<void> {
    this.disk.revive();
    this.outbox = undefined;
    for (const name of ['metrics', 'results'] as const) {
      while ((await this.open()).status()[name] > 0) await this.send(name, true);
    }
  }

  private async append(name: LaneName, text: string): Promise<void> {
    const n = await (await this.open()).append(name, message(text));
    this.promised[name].set(n, text);
  }

  /** Without an answer the message may have arrived all the same, and the host cannot know. */
  private async send(name: LaneName, isAnswered: boolean): Promise<void> {
    const outbox = await this.open();
    if (outbox.status()[name] === 0) return;
    const entry = await outbox.next(name, never);
    this.arrived[name].push([entry.n, decode(entry.body)]);
    if (isAnswered) await outbox.acknowledge(name, entry.n);
  }

  private async open(): Promise<Outbox> {
    // So little that windows give way in most runs.
    const limits = { segmentBytes: 200, metricsCapBytes: 400 };
    this.outbox ??= await Outbox.open({ folder: '/o', gapMessage, disk: this.disk, ...limits });
    this.epochs.add(this.outbox.epoch);
    return this.outbox;
  }
}

function toldGaps(results: readonly [number, string][]): NumberRange[] {
  return results
    .filter(([, text]) => text.startsWith('{'))
    .map(([, text]) => (JSON.parse(text) as { gap: NumberRange }).gap);
}

describe('the outbox, killed in the middle of any write', () => {
  it('delivers every kept message at least once, in order, without a hole that was not told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const world = new World();
        for (const each of steps) await world.run(each);
        await world.drain();

        const gaps = toldGaps(world.arrived.results);
        const isTold = (n: number): boolean => gaps.some(({ fromN, toN }) => fromN <= n && n <= toN);
        for (const name of ['results', 'metrics'] as const) {
          const first = new Map<number, string>();
          for (const [n, text] of world.arrived[name]) {
            // One number always means one message, and a new number is larger than all before it.
            if (first.has(n)) expect(text).toBe(first.get(n));
            else expect(n).toBeGreaterThan(Math.max(0, ...first.keys()));
            first.set(n, text);
            // What is told lost is lost.
            if (name === 'metrics') expect([n, isTold(n)]).toEqual([n, false]);
          }
          for (const [n, text] of world.promised[name])
            if (first.has(n)) expect(first.get(n)).toBe(text);
            else expect([name, isTold(n)]).toEqual(['metrics', true]);
          for (let n = 1; n <= Math.max(0, ...first.keys()); n++)
            if (!first.has(n)) expect([name, isTold(n)]).toEqual(['metrics', true]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
