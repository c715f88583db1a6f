import * as fc from 'fast-check';
import { OUTBOX_HEADERS, type Attempt } from '#lib/agent-protocol';
import { hostDecider, type HostCommand } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import { PoisonCommit, type StoredMessage } from '#lib/platform';
import { UplinkIngest, type UplinkRecords } from './uplink-ingest.js';
import { readUplink, type UplinkEnvelope } from './uplink-message.js';

const attempt = (stage: Attempt['stage'], generation = 1): Attempt => ({
  kind: 'attempt',
  at: '2026-01-02T03:04:05.000Z',
  generation,
  taskId: 'g1-aa',
  stage,
  collectors: [{ variant: 'baseline', configHash: 'aa' }],
});

const stored = (
  n: number,
  sequence: number,
  body: unknown = attempt('effective'),
  epoch = 'e1',
): StoredMessage => ({
  subject: 'up.acme.h1.attempt',
  sequence,
  data: new TextEncoder().encode(JSON.stringify(body)),
  header: (name) => ({ [OUTBOX_HEADERS.epoch]: epoch, [OUTBOX_HEADERS.n]: String(n) })[name],
});

/** Records in memory with the rules of the tables; `crash` fails the next write once. */
class MemoryRecords implements UplinkRecords {
  readonly taken: number[] = [];
  readonly gaps: (readonly [number, number])[] = [];
  readonly marks = new Map<string, number>();
  crash = false;
  /** Number that the database will never take. */
  poison = 0;
  highWater = ({ host, epoch }: Pick<UplinkEnvelope, 'tenant' | 'host' | 'epoch'>) =>
    Promise.resolve(this.marks.get(`${host}.${epoch}`) ?? 0);
  record = ({ host, epoch, n }: UplinkEnvelope, missingFrom: number | undefined) => {
    if (this.crash) {
      this.crash = false;
      return Promise.reject(new Error('database gone'));
    }
    if (n === this.poison) return Promise.reject(new PoisonCommit('rejected-by-database', 'out of range'));
    this.taken.push(n);
    if (missingFrom !== undefined) this.gaps.push([missingFrom, n - 1]);
    this.marks.set(`${host}.${epoch}`, n);
    return Promise.resolve();
  };
}

function setUp(refuse?: DomainError) {
  const records = new MemoryRecords();
  const commands: { readonly id: string; readonly command: HostCommand }[] = [];
  const warnings: string[] = [];
  const handler = {
    handle: (
      decider: typeof hostDecider,
      _ref: unknown,
      command: HostCommand,
      meta: { commandId: string },
    ) => {
      expect(decider).toBe(hostDecider);
      if (refuse !== undefined) return Promise.reject(refuse);
      commands.push({ id: meta.commandId, command });
      return Promise.resolve({});
    },
  } as unknown as ConstructorParameters<typeof UplinkIngest>[1];
  const ingest = new UplinkIngest(records, handler, { warn: (_about, line) => warnings.push(line) });
  return { records, commands, warnings, ingest };
}

describe('taking the uplink of a host', () => {
  it('tells the host aggregate what took effect, failed or fell back, and nothing of the stages before', async () => {
    const { ingest, commands, records } = setUp();
    const stages: Attempt['stage'][] = [
      'received',
      'validated',
      'applying',
      'effective',
      'failed',
      'fell-back',
    ];
    for (const [i, stage] of stages.entries()) await ingest.take(stored(i + 1, i + 1, attempt(stage)));
    expect(commands.map(({ command }) => command.type)).toEqual([
      'ReportConfigurationApplied',
      'ReportConfigurationFailed',
      'ReportHostFellBack',
    ]);
    expect(records.taken).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes each number of an outbox once, and records every hole, in whatever way messages repeat', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 }), async (numbers) => {
        const { ingest, records } = setUp();
        for (const [i, n] of numbers.entries()) await ingest.take(stored(n, i + 1));
        const highest = Math.max(0, ...numbers);
        const missing = records.gaps.flatMap(([from, to]) =>
          Array.from({ length: to - from + 1 }, (_, i) => from + i),
        );
        expect([...records.taken, ...missing].sort((a, b) => a - b)).toEqual(
          Array.from({ length: highest }, (_, i) => i + 1),
        );
      }),
    );
  });

  it('repeats the same command id after a crash between command and record', async () => {
    const { ingest, records, commands } = setUp();
    records.crash = true;
    await expect(ingest.take(stored(1, 1))).rejects.toThrow('database gone');
    await ingest.take(stored(1, 1));
    expect(commands.map(({ id }) => id)).toEqual([commands[0]!.id, commands[0]!.id]);
    expect(records.taken).toEqual([1]);
  });

  it('settles a message before it is recorded, and again after a crash in between', async () => {
    const { records } = setUp();
    const seen: string[] = [];
    const handler = {
      handle: () => Promise.reject(new Error('no command')),
    } as unknown as ConstructorParameters<typeof UplinkIngest>[1];
    const recorded: UplinkEnvelope['message'][] = [];
    const noting: UplinkRecords = {
      highWater: records.highWater,
      record: async (envelope, missingFrom) => {
        await records.record(envelope, missingFrom);
        recorded.push(envelope.message);
      },
    };
    const ingest = new UplinkIngest(
      noting,
      handler,
      { warn: () => undefined },
      {
        settled: (envelope) => {
          seen.push(envelope.message.kind);
          const message = { ...envelope.message, detail: 'settled' } as UplinkEnvelope['message'];
          return Promise.resolve({ ...envelope, message });
        },
      },
    );
    const result = {
      kind: 'task-result',
      at: attempt('failed').at,
      taskId: 't',
      outcome: 'done',
      detail: '',
    };
    records.crash = true;
    await expect(ingest.take(stored(1, 1, result))).rejects.toThrow('database gone');
    await ingest.take(stored(1, 1, result));
    await ingest.take(stored(1, 2, result));
    expect(seen).toEqual(['task-result', 'task-result']);
    expect(recorded).toEqual([{ ...result, detail: 'settled' }]);
  });

  it('starts anew with the numbers of a new outbox', async () => {
    const { ingest, records } = setUp();
    await ingest.take(stored(7, 1, attempt('received'), 'old'));
    await ingest.take(stored(1, 2, attempt('received'), 'new'));
    expect(records.taken).toEqual([7, 1]);
  });

  it('passes over what it cannot read and says so', async () => {
    const { ingest, records, warnings } = setUp();
    await ingest.take(stored(1, 1, { kind: 'poem' }));
    await ingest.take(stored(0, 2));
    await ingest.take({ ...stored(1, 3), subject: 'met.acme.h1' });
    expect(warnings).toHaveLength(3);
    expect(records.taken).toEqual([]);
  });

  it('keeps the ledger entry of a report that the rules refuse', async () => {
    const { ingest, records, warnings } = setUp(new DomainError('host-revoked', 'revoked'));
    await ingest.take(stored(1, 1));
    expect(records.taken).toEqual([1]);
    expect(warnings).toEqual(['report refused']);
  });

  it('lets nothing that the database refuses for ever hold up the other hosts', async () => {
    const { ingest, records, warnings } = setUp();
    records.poison = 1;
    await ingest.take(stored(1, 1, attempt('received')));
    await ingest.take(stored(2, 2, attempt('validated')));
    expect(warnings).toEqual(['uplink message refused']);
    expect(records.taken).toEqual([2]);
    expect(records.gaps).toEqual([[1, 1]]);
  });

  it('keeps text that PostgreSQL can store', () => {
    const message = { kind: 'task-result', at: attempt('failed').at, taskId: 't', outcome: 'done' };
    expect(readUplink(stored(1, 1, { ...message, detail: 'a\0b\ud800c' }))).toMatchObject({
      message: { detail: 'a\ufffdb\ufffdc' },
    });
  });

  it('believes the subject and not the body about which host speaks', () => {
    expect(readUplink(stored(1, 1, { ...attempt('received'), host: 'h2' }))).toMatchObject({
      host: 'h1',
      tenant: 'acme',
    });
  });
});
