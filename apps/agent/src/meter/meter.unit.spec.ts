import { gzipSync } from 'node:zlib';
import { systemClock } from '#lib/agent-core';
import { encodeMetrics } from '#lib/otlp';
import { scrapeProcesses } from '../builtin/scrape-processes.js';
import { startMeterServer, type MeterServer } from './meter-server.js';
import { Metering } from './metering.js';
import { parseSelfTelemetry } from './self-telemetry.js';

const log = { info: () => undefined, warn: () => undefined };
const scrapeAt = (at: number): Uint8Array => encodeMetrics(scrapeProcesses(['process.threads'], at));
const facts = { clockOffsetMs: null, use: new Map() };

describe('the meter', () => {
  let now: number;
  let metering: Metering;
  let server: MeterServer;
  const admission = {
    instance: 'i',
    variant: 'baseline',
    configHash: 'h',
    intervalSeconds: 10,
    token: 'secret',
  } as const;

  beforeEach(async () => {
    now = 1_000_000_000_250;
    metering = new Metering('h', { ...systemClock, now: () => now });
    server = await startMeterServer(metering, 0, log);
    metering.admit(admission);
  });

  afterEach(() => server.close());

  async function send(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<number> {
    const authorization = 'Bearer secret';
    const init = { method: 'POST', headers: { authorization, ...headers }, body: new Uint8Array(body) };
    return (await fetch(`${server.endpoint}${path}`, init)).status;
  }

  it('counts plain and zipped exports of an admitted collector from its tick on', async () => {
    const body = scrapeAt(now);
    expect(await send('/v1/metrics', body)).toBe(200);
    expect(await send('/v1/metrics', gzipSync(body), { 'content-encoding': 'gzip' })).toBe(200);
    now += 10_000;
    const [collector] = metering.closeWindow(facts)?.collectors ?? [];

    expect(collector).toMatchObject({ requests: 2, bytes: 2 * body.length, coveredFrom: 1_000_000_000_000 });
    expect(collector?.wireBytes).toBe(body.length + gzipSync(body).length);
  });

  it('reads nothing without a token that it knows', async () => {
    expect(await send('/v1/metrics', scrapeAt(now), { authorization: 'Bearer guess' })).toBe(401);
    expect((await fetch(server.sinkEndpoint('guess'), { method: 'POST' })).status).toBe(401);
  });

  it('refuses what is no OTLP, and unknown paths', async () => {
    expect(await send('/v1/metrics', new Uint8Array([0xff, 0xff]))).toBe(400);
    expect(await send('/v1/metrics', new Uint8Array([1, 2]), { 'content-encoding': 'gzip' })).toBe(400);
    expect(await send('/v1/traces', scrapeAt(now))).toBe(404);
  });

  it('never counts what a shadow sends to the sink, nor a ranking tap', async () => {
    const taps: string[] = [];
    metering.onTap((instance) => taps.push(instance));
    expect(await send('/tap/ranking', scrapeAt(now))).toBe(200);
    expect(
      (await fetch(`${server.sinkEndpoint('secret')}/v1/metrics`, { method: 'POST', body: 'x' })).status,
    ).toBe(200);
    now += 10_000;

    expect(taps).toEqual(['i']);
    expect(metering.closeWindow(facts)?.collectors).toMatchObject([{ requests: 0, points: 0 }]);
  });

  it("does not count what was waiting in an adopted collector's queue", async () => {
    expect(await send('/v1/metrics', scrapeAt(now - 60_000))).toBe(200);
    expect(metering.closeWindow(facts)).toBeNull();
    let isVerified = false;
    void metering.firstExport(admission).then(() => (isVerified = true));
    await send('/v1/metrics', scrapeAt(now - 30_000));
    expect(isVerified).toBe(false);
    await send('/v1/metrics', scrapeAt(now));
    await metering.firstExport(admission);
    now += 10_000;

    expect(metering.closeWindow(facts)?.collectors).toMatchObject([{ requests: 1 }]);
  });

  it('takes another port where the wanted one is in use', async () => {
    const second = await startMeterServer(metering, server.port, log);
    expect(second.port).not.toBe(server.port);
    await second.close();
  });
});

describe("a collector's own telemetry", () => {
  it('tells refused and failed points, without those of the ranking tap', () => {
    const text = [
      '# TYPE otelcol_exporter_send_failed_metric_points_total counter',
      'otelcol_exporter_send_failed_metric_points_total{exporter="otlphttp/meter",otel_scope_name="x"} 3',
      'otelcol_exporter_enqueue_failed_metric_points_total{exporter="otlphttp/destination"} 4',
      'otelcol_exporter_enqueue_failed_metric_points_total{exporter="otlphttp/ranking"} 100',
      'otelcol_exporter_sent_metric_points_total{exporter="otlphttp/meter"} 1e+06',
      'otelcol_receiver_refused_metric_points_total{receiver="hostmetrics"} 7',
    ].join('\n');

    const { doors, losses } = parseSelfTelemetry(text);
    expect(losses).toEqual({ refused: 7, failed: 7 });
    expect(Object.fromEntries(doors)).toEqual({
      'otlphttp/meter': { passed: 1_000_000, lost: 3 },
      'otlphttp/destination': { passed: 0, lost: 4 },
      hostmetrics: { passed: 0, lost: 7 },
    });
    expect(parseSelfTelemetry('').losses).toEqual({ refused: 0, failed: 0 });
  });
});
