import { downTaskSchema, heartbeatSchema, helloSchema, uplinkMessageSchema } from './messages.js';
import { readRecordingReport } from './recording-parts.js';
import { readPreflightReport } from './task-reports.js';

const life = {
  host: 'h1',
  bootId: 'b1',
  agentVersion: '0.1.0',
  at: '2026-01-02T03:04:05.000Z',
  generation: 3,
};
/** As the first release sends them; they are read for as long as such an agent may run. */
const oldHello = { ...life, protocol: 1, epoch: 'e1' };
const oldHeartbeat = {
  ...life,
  agent: { cpuPercent: 0.4, rssBytes: 60_000_000 },
  outbox: { results: 1, metrics: 2 },
  collectors: [],
};
const inventory = {
  ...{ os: 'linux', kernel: '6.1', arch: 'x64', cpus: 2, memoryBytes: 8_000_000_000 },
  collector: { kind: 'otelcol', version: '0.149.0' },
};

describe('what an agent says of itself', () => {
  it('is read without the fields that came later', () => {
    expect(helloSchema.parse(oldHello)).toEqual(oldHello);
    expect(heartbeatSchema.parse(oldHeartbeat)).toEqual(oldHeartbeat);
  });

  it('is read with them', () => {
    const hello = { ...oldHello, inventory };
    const outbox = { results: 1, metrics: 2, dropped: 3, failure: 'ENOSPC: no space left on device' };
    const port = { port: 4318, isWanted: true, isOpen: true, forwarded: 9, accepted: 8, unavailable: 1 };
    const ingress = [{ ...port, copies: 8, dropped: 2 }];
    const link = { door: 'leaf', server: 'leaf-1', rttMs: 0.5 };
    const heartbeat = { ...oldHeartbeat, outbox, link, ingress };
    expect(helloSchema.parse(hello)).toEqual(hello);
    expect(heartbeatSchema.parse(heartbeat)).toEqual(heartbeat);
  });

  it.each([
    ['no CPU', { ...inventory, cpus: 0 }],
    ['too much to keep', { ...inventory, kernel: 'x'.repeat(20_000) }],
    ['something else', 'a big machine'],
  ])('counts as a hello also with an inventory of %s', (_case, wrong) => {
    expect(helloSchema.parse({ ...oldHello, inventory: wrong })).toMatchObject(oldHello);
    expect(helloSchema.parse({ ...oldHello, inventory: wrong }).inventory).toBeUndefined();
  });

  it('counts as a heartbeat also with a link that a later release would know', () => {
    const { link } = heartbeatSchema.parse({ ...oldHeartbeat, link: { door: 'satellite' } });
    expect(link).toBeUndefined();
  });

  it('counts as a heartbeat also with ports that a later release would tell otherwise', () => {
    expect(heartbeatSchema.parse({ ...oldHeartbeat, ingress: { 4318: 'open' } })).toEqual(oldHeartbeat);
  });
});

describe('a recording on its way', () => {
  const at = '2026-01-02T03:04:05.000Z';
  const part = { kind: 'recording-part', at, taskId: 't1', part: 0, data: 'UEhYUkVD' };
  const report = {
    ...{ kind: 'recording', windows: 6, intervalSeconds: 10, points: 900, series: 150, bytes: 6, parts: 1 },
    ...{ sha256: 'ab'.repeat(32), endedEarly: null, recording: null },
  };

  it('is read as it was first sent', () => {
    const task = {
      ...{ kind: 'RecordMetrics', taskId: 't1', deadline: at, seconds: 60 },
      collector: { configHash: 'c', rendered: { yaml: '' } },
    };
    expect(downTaskSchema.parse(task)).toEqual(task);
    expect(uplinkMessageSchema.parse(part)).toEqual(part);
    expect(readRecordingReport(JSON.stringify(report))).toEqual(report);
  });

  it.each([
    ['a part beyond the last', { part: 96 }],
    ['a part before the first', { part: -1 }],
    ['bytes that are no base64', { data: 'UEhY*kVD' }],
    ['no bytes', { data: '' }],
    ['more than a part', { data: 'A'.repeat(200_000) }],
  ])('is refused with %s', (_case, wrong) => {
    expect(uplinkMessageSchema.safeParse({ ...part, ...wrong }).success).toBe(false);
  });

  it.each([{ bytes: 9_000_000 }, { parts: 0 }, { sha256: 'no' }, { kind: 'preflight' }])(
    'has no report with %j',
    (wrong) => expect(readRecordingReport(JSON.stringify({ ...report, ...wrong }))).toBeUndefined(),
  );

  it('leaves reports of preflights readable that have no card', () => {
    const old = {
      kind: 'preflight',
      collector: { kind: 'otelcol', version: '1' },
      variants: [],
      comparison: null,
    };
    expect(readPreflightReport(JSON.stringify(old))).toEqual({ ...old, card: null });
  });
});
