import { HostMeter, MAX_EXACT_SERIES, mergeBlock, WINDOW_MS, type WindowMessage } from './index.js';
import { scrape, type ScrapedProcess } from './testing/scrape.js';

const T = 1_700_000_040_000; // the start of a wall-clock minute
const facts = { clockOffsetMs: 3, use: new Map() };
const nginx: ScrapedProcess = { pid: 1, executable: 'nginx', startedAt: T - 50_000, gauges: ['a', 'b', 'c'] };
const redis: ScrapedProcess = { pid: 2, executable: 'redis', startedAt: T - 50_000, gauges: ['a', 'b'] };

function metering(at = T): HostMeter {
  const meter = new HostMeter('host-1');
  meter.attach({ variant: 'baseline', instance: 'b1', configHash: 'hash-b' }, at);
  meter.attach({ variant: 'candidate', instance: 'c1', configHash: 'hash-c' }, at);
  return meter;
}

function send(meter: HostMeter, instance: string, at: number, processes: readonly ScrapedProcess[]): void {
  const body = scrape(at - 150, processes);
  meter.record(instance, body, Math.ceil(body.length / 10), at);
}

/** Closes windows until none has ended, as an agent does. */
function close(meter: HostMeter, at: number): WindowMessage[] {
  const message = meter.closeWindow(at, facts);
  return message === null ? [] : [message, ...close(meter, at)];
}

const collector = (message: WindowMessage | undefined, instance: string) =>
  message?.collectors.find((one) => one.instance === instance);

describe('what a collector was not given', () => {
  const instances = (messages: readonly WindowMessage[]) =>
    messages.map(({ collectors }) => collectors.map(({ instance }) => instance));
  /** Sends from both each second, but nothing at what `missed` names, and closes every window on time. */
  const minutes = (meter: HostMeter, seconds: number, missed: (second: number) => number | undefined) =>
    Array.from({ length: seconds }, (_, second) => {
      const at = T + second * 1_000 + 200;
      const closed = close(meter, at);
      send(meter, 'b1', at, [nginx, redis]);
      const forMs = missed(second);
      if (forMs === undefined) send(meter, 'c1', at, [nginx, redis]);
      else meter.miss('c1', at, forMs);
      return closed;
    }).flat();

  it('leaves it out of the windows in which its exports may lack that, and of no others', () => {
    const messages = minutes(metering(), 61, (second) => (second === 15 ? 10_000 : undefined));
    expect(instances(messages)).toEqual([
      ['b1', 'c1'],
      ['b1'],
      ['b1'],
      ...Array.from({ length: 3 }, () => ['b1', 'c1']),
    ]);
  });

  it('tells no series of its variant for the minute, so that none of them counts as lost', () => {
    const messages = minutes(metering(), 121, (second) => (second === 15 ? 1_000 : undefined));
    const [first, second] = messages.flatMap(({ minute }) => (minute === null ? [] : [minute]));
    expect([first?.variants.map(({ variant }) => variant), first?.difference]).toEqual([['baseline'], null]);
    expect(second?.variants.map(({ variant }) => variant)).toEqual(['baseline', 'candidate']);
    expect(second?.difference?.lost).toEqual({ value: 0, exact: true });
  });

  it('is a gap of the block and leaves its rate of points as it is', () => {
    const messages = minutes(metering(), 61, (second) => (second >= 20 && second < 26 ? 1_000 : undefined));
    const { baseline, candidate } = mergeBlock(messages, { start: T, seconds: 60 });
    expect(baseline?.gapSeconds).toBe(0);
    expect(candidate?.gapSeconds).toBe(10);
    expect(candidate?.pointsPerMinute).toBe(baseline?.pointsPerMinute);
  });

  it('counts as well when it was detached meanwhile, and is nobody to complain of when it is unknown', () => {
    const meter = metering();
    meter.detach('c1', T + 7_000);
    meter.miss('c1', T + 7_100, 1_000);
    meter.miss('nobody', T + 7_100, 1_000);
    expect(instances(close(meter, T + WINDOW_MS))).toEqual([['b1']]);
  });

  it('holds for windows that are opened later, as long as its interval is', () => {
    const messages = minutes(metering(), 101, (second) => (second === 5 ? 60_000 : undefined));
    expect(instances(messages).map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 1, 1, 2, 2, 2]);
  });
});

describe('a window', () => {
  it('counts what each variant exported, by metric and executable', () => {
    const meter = metering();
    send(meter, 'b1', T + 1_000, [nginx, redis]);
    send(meter, 'b1', T + 6_000, [nginx, redis]);
    send(meter, 'c1', T + 1_000, [nginx]);
    const [message] = close(meter, T + WINDOW_MS + 5);
    expect(message).toMatchObject({ host: 'host-1', start: T, seconds: 10, clockOffsetMs: 3, minute: null });
    expect(message?.collectors.map((one) => one.variant)).toEqual(['baseline', 'candidate']);
    expect(collector(message, 'b1')).toMatchObject({
      ...{ points: 10, requests: 2, malformed: 0, hostPoints: 10, use: null },
      bytes: 2 * scrape(T, [nginx, redis]).length,
      activeSeries: { value: 5, exact: true },
      freshness: { p50Ms: 150, maxMs: 150 },
      metrics: [
        { name: 'a', points: 4, series: 2 },
        { name: 'b', points: 4, series: 2 },
        { name: 'c', points: 2, series: 1 },
      ],
      executables: [
        { name: 'nginx', points: 6, series: 3 },
        { name: 'redis', points: 4, series: 2 },
      ],
    });
    expect(collector(message, 'c1')).toMatchObject({ points: 3, activeSeries: { value: 3, exact: true } });
  });

  it('takes a request that arrives before the window before it was closed', () => {
    const meter = metering();
    send(meter, 'b1', T + 9_999, [nginx]);
    send(meter, 'b1', T + 10_001, [redis]);
    const [first] = close(meter, T + 10_300);
    const [second] = close(meter, T + 20_300);
    expect(collector(first, 'b1')?.executables).toEqual([{ name: 'nginx', points: 3, series: 3 }]);
    expect(collector(second, 'b1')?.executables).toEqual([{ name: 'redis', points: 2, series: 2 }]);
    expect(second?.collectors.map((one) => one.coveredTo - one.coveredFrom)).toEqual([WINDOW_MS, WINDOW_MS]);
  });

  it('with nothing in it is evidence too: covered, and no points', () => {
    const meter = metering();
    const [message] = close(meter, T + WINDOW_MS);
    expect(collector(message, 'b1')).toMatchObject({ points: 0, coveredFrom: T, coveredTo: T + WINDOW_MS });
    expect(collector(message, 'b1')?.freshness).toBeNull();
  });

  it('is covered only from the start of the collector, and only until it was detached', () => {
    const meter = metering(T + 4_000);
    meter.detach('c1', T + 7_000);
    const [message] = close(meter, T + WINDOW_MS);
    expect(collector(message, 'b1')).toMatchObject({ coveredFrom: T + 4_000, coveredTo: T + 10_000 });
    expect(collector(message, 'c1')).toMatchObject({ coveredFrom: T + 4_000, coveredTo: T + 7_000 });
    expect(collector(close(meter, T + 2 * WINDOW_MS)[0], 'c1')).toBeUndefined();
  });

  it('holds both collectors of a variant during a swap', () => {
    const meter = metering();
    meter.attach({ variant: 'candidate', instance: 'c2', configHash: 'hash-d' }, T + 2_000);
    send(meter, 'c1', T + 3_000, [nginx]);
    send(meter, 'c2', T + 3_000, [nginx]);
    meter.detach('c1', T + 5_000);
    const [message] = close(meter, T + WINDOW_MS);
    expect(message?.collectors.map(({ instance, points }) => [instance, points])).toEqual([
      ['b1', 0],
      ['c1', 3],
      ['c2', 3],
    ]);
  });

  it('that nobody could watch is left out, never invented', () => {
    const meter = metering();
    const closed = [...close(meter, T + 35_000), ...close(meter, T + 40_000)];
    expect(closed.map((message) => message.start - T)).toEqual([0, 30_000]);
    expect(collector(closed[1], 'b1')).toMatchObject({ coveredFrom: T + 35_000, coveredTo: T + 40_000 });
  });

  it('goes on after the clock was set back, with a gap', () => {
    const meter = metering();
    send(meter, 'b1', T + 1_000, [nginx]);
    const before = T - 3_600_000;
    expect(close(meter, before)).toEqual([]);
    expect(close(meter, before + WINDOW_MS).map((message) => message.start)).toEqual([before]);
  });

  it('tells when the pipeline took away the host', () => {
    const meter = metering();
    meter.record('b1', scrape(T, [nginx], ''), 10, T + 100);
    expect(collector(close(meter, T + WINDOW_MS)[0], 'b1')).toMatchObject({ points: 3, hostPoints: 0 });
  });

  it('counts an unreadable request as malformed and says so to the caller', () => {
    const meter = metering();
    const body = scrape(T, [nginx]);
    const cut = body.subarray(0, body.length - 1);
    expect(() => meter.record('b1', cut, 10, T + 100)).toThrow(/truncated/);
    expect(collector(close(meter, T + WINDOW_MS)[0], 'b1')).toMatchObject({ requests: 1, malformed: 1 });
  });

  it('weighs executables by the CPU and memory of their processes', () => {
    const meter = metering();
    const busy = (pid: number, cpu: number) => ({
      ...nginx,
      pid,
      cpu: { user: cpu, system: 1 },
      rss: 50_000_000,
    });
    send(meter, 'b1', T + 1_000, [busy(1, 10), busy(2, 10)]);
    send(meter, 'b1', T + 9_000, [busy(1, 14), busy(2, 12)]);
    expect(close(meter, T + WINDOW_MS)[0]?.weights).toEqual([
      { name: 'nginx', cpu: 0.75, rssBytes: 100_000_000 },
    ]);
  });

  it('counts services and namespaces by their resources, and what has none as such', () => {
    const meter = metering();
    const cart = { ...nginx, service: 'cart', namespace: 'shop' };
    const pay = { ...redis, service: 'pay' };
    send(meter, 'b1', T + 1_000, [cart, pay, { ...redis, pid: 9 }]);
    send(meter, 'b1', T + 6_000, [cart, pay]);
    send(meter, 'c1', T + 1_000, [redis]);
    const [message] = close(meter, T + WINDOW_MS);
    expect(collector(message, 'b1')).toMatchObject({
      services: [
        { name: '(none)', points: 2, series: 2 },
        { name: 'cart', points: 6, series: 3 },
        { name: 'pay', points: 4, series: 2 },
      ],
      namespaces: [
        { name: '(none)', points: 6, series: 4 },
        { name: 'shop', points: 6, series: 3 },
      ],
    });
    expect(collector(message, 'c1')?.services).toEqual([{ name: '(none)', points: 2, series: 2 }]);
  });

  it('keeps the points that came before the fault with their service', () => {
    const meter = metering();
    const body = scrape(T, [
      { ...nginx, service: 'cart' },
      { ...redis, service: 'pay' },
    ]);
    expect(() => meter.record('b1', body.subarray(0, body.length - 1), 10, T + 100)).toThrow(/truncated/);
    const window = collector(close(meter, T + WINDOW_MS)[0], 'b1');
    expect(window?.points).toBeGreaterThan(0);
    expect(window?.services?.reduce((sum, { points }) => sum + points, 0)).toBe(window?.points);
  });

  it('adds up services beyond the bound in one bucket beside those without any', () => {
    const meter = metering();
    const many = Array.from({ length: 1_500 }, (_, i) => ({ ...nginx, pid: i, service: `service-${i}` }));
    send(meter, 'b1', T + 1_000, [...many, redis]);
    const window = collector(close(meter, T + WINDOW_MS)[0], 'b1');
    expect(window?.services?.length).toBe(64 + 2);
    expect(window?.services?.slice(0, 2).map(({ name }) => name)).toEqual(['(none)', '(other)']);
    expect(window?.services?.reduce((sum, { points }) => sum + points, 0)).toBe(4_502);
    expect(window?.services?.reduce((sum, { series }) => sum + series, 0)).toBe(4_502);
  });

  it('adds up names beyond the bound in one bucket, and loses no point', () => {
    const meter = metering();
    const many = Array.from({ length: 1_500 }, (_, i) => ({ ...nginx, pid: i, executable: `exe-${i}` }));
    send(meter, 'b1', T + 1_000, many);
    const window = collector(close(meter, T + WINDOW_MS)[0], 'b1');
    expect(window?.executables.length).toBe(257);
    expect(window?.executables[0]?.name).toBe('(other)');
    expect(window?.executables.reduce((sum, one) => sum + one.points, 0)).toBe(4_500);
  });
});

describe('a minute', () => {
  const wholeMinute = (baseline: readonly ScrapedProcess[], candidate: readonly ScrapedProcess[]) => {
    const meter = metering();
    const messages: WindowMessage[] = [];
    for (let at = T; at < T + 60_000; at += WINDOW_MS) {
      send(meter, 'b1', at + 500, baseline);
      send(meter, 'c1', at + 500, candidate);
      messages.push(...close(meter, at + WINDOW_MS));
    }
    return messages;
  };

  it('ends with the series of both variants and what the candidate lost', () => {
    const messages = wholeMinute([nginx, redis], [nginx, { ...redis, gauges: ['z'] }]);
    expect(messages.map((message) => message.minute !== null)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    const minute = messages.at(-1)?.minute;
    expect(minute?.variants).toMatchObject([
      { variant: 'baseline', coveredSeconds: 60, series: { value: 5, exact: true } },
      { variant: 'candidate', coveredSeconds: 60, series: { value: 4, exact: true } },
    ]);
    expect(minute?.difference).toEqual({
      lost: { value: 2, exact: true },
      gained: { value: 1, exact: true },
      lostExecutables: [{ name: 'redis', series: 2 }],
      lostMetrics: [
        { name: 'a', series: 1 },
        { name: 'b', series: 1 },
      ],
    });
  });

  it('stays within the sketch error where there are more series than fit exactly', () => {
    const meter = metering();
    const total = MAX_EXACT_SERIES + 16 * 625;
    const gauges = Array.from({ length: 16 }, (_, i) => `gauge-${i}`);
    for (let pid = 0; pid < total / 16; pid += 500) {
      const size = Math.min(500, total / 16 - pid);
      const flood = Array.from({ length: size }, (_, i) => ({ ...nginx, pid: pid + i, gauges }));
      send(meter, 'b1', T + 50_500, flood);
    }
    const message = close(meter, T + 60_000).at(-1);
    const active = collector(message, 'b1')!.activeSeries;
    expect(active.exact).toBe(false);
    // Only the overflow is estimated: four standard errors of 10,000.
    expect(Math.abs(active.value - total)).toBeLessThan(4 * 0.0081 * 10_000);
    const minute = message!.minute!;
    expect(Math.abs(minute.variants[0]!.series.value / total - 1)).toBeLessThan(4 * 0.0081);
    expect(minute.difference!.lost.exact).toBe(false);
  });
});

it('a collector that is not attached is refused, as is one attached twice', () => {
  const meter = metering();
  expect(() => meter.record('x', new Uint8Array(), 0, T)).toThrow(/unknown-instance/);
  expect(() => meter.detach('x', T)).toThrow(/unknown-instance/);
  expect(() => meter.attach({ variant: 'baseline', instance: 'b1', configHash: 'h' }, T)).toThrow(
    /already-attached/,
  );
});
