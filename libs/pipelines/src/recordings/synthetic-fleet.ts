import { encodeMetrics, type MetricsData, type Resource } from '#lib/otlp';
import { countRecording } from './count-recording.js';
import { scrapesOf, type FleetParameters } from './fleet-parameters.js';
import { ProcessMeter } from './process-figures.js';
import { processLives, type ProcessLife } from './process-lives.js';
import { processResource, resourceOf } from './process-scrape.js';
import { RECORDING_SCHEMA_VERSION, type RecordedWindow, type Recording } from './recording.js';

/** Made-up time, so that equal parameters give equal bytes. */
export const SYNTHETIC_START = '2026-01-01T00:00:00Z';
const startMs = Date.parse(SYNTHETIC_START);

/** The scraper reads one process after the other, so many nanoseconds apart. */
const READ_NANOS = 50_000;

/** Everything that was scraped at one tick, decoded. `at` in ms since the epoch. */
export type ScrapedWindow = {
  readonly at: number;
  readonly scrapes: readonly { readonly host: string; readonly data: MetricsData }[];
};

/** What a made-up fleet is scraped of, tick after tick. Deterministic. */
export function syntheticWindows(fleet: FleetParameters): readonly ScrapedWindow[] {
  const hosts = syntheticHosts(fleet).map((name, host) => ({ name, scrape: scraperOf(fleet, host) }));
  return Array.from({ length: scrapesOf(fleet) }, (_, tick): ScrapedWindow => {
    const after = (tick + 1) * fleet.intervalSeconds;
    const scrapes = hosts.map(({ name, scrape }) => ({ host: name, data: scrape(after) }));
    return { at: startMs + after * 1000, scrapes };
  });
}

export function syntheticHosts({ hosts }: FleetParameters): readonly string[] {
  return Array.from({ length: hosts }, (_, host) => `host-${String(host + 1).padStart(3, '0')}`);
}

/** A made-up fleet as a recording. `createdAt` is an ISO time. Deterministic. */
export function syntheticRecording(
  fleet: FleetParameters,
  { createdAt, tenant }: { readonly tenant: string; readonly createdAt: string },
): Recording {
  const windows = syntheticWindows(fleet).map(({ at, scrapes }): RecordedWindow => ({
    at,
    exports: scrapes.map(({ data, host }) => ({ host, body: encodeMetrics(data) })),
  }));
  const { points, series } = countRecording(windows);
  return {
    header: {
      ...{ schemaVersion: RECORDING_SCHEMA_VERSION, kind: 'generated', tenant, createdAt },
      source: syntheticSource(fleet),
      startedAt: SYNTHETIC_START,
      durationSeconds: windows.length * fleet.intervalSeconds,
      intervalSeconds: fleet.intervalSeconds,
      hosts: syntheticHosts(fleet),
      ...{ points, series, windows: windows.length },
    },
    windows,
  };
}

/** The parameters in words. */
export function syntheticSource({ churn, hosts, processes, seconds, seed }: FleetParameters): string {
  return `made up: ${hosts} host(s) with ${processes} processes each for ${seconds} s, seed ${seed}, churn ${churn}`;
}

type Living = { readonly meter: ProcessMeter; readonly resource: Resource; readonly start: bigint };

/** What one host is scraped of so many seconds after the beginning; asked for in order of time. */
function scraperOf(fleet: FleetParameters, host: number): (after: number) => MetricsData {
  const lives = processLives(fleet, host);
  const known = new Map<ProcessLife, Living>();
  const livingOf = (life: ProcessLife, after: number): Living => {
    const found = known.get(life);
    if (found !== undefined) return found;
    // What was there before is looked at from the first moment on, what is new from its birth on.
    const meter = new ProcessMeter(life, Math.min(Math.max(life.bornAt, 0), after));
    const living = { meter, resource: resourceOf(life), start: nanos(life.bornAt) };
    known.set(life, living);
    return living;
  };
  return (after) => ({
    resourceMetrics: lives
      .filter(({ bornAt, diesAt }) => bornAt <= after && after < diesAt)
      .map((life, order) => {
        const { meter, resource, start } = livingOf(life, after);
        const read = nanos(after) + BigInt(order * READ_NANOS);
        return processResource(resource, meter.at(after), { start, read });
      }),
  });
}

/** The scraper knows the beginning of a process in whole milliseconds. */
function nanos(afterSeconds: number): bigint {
  return BigInt(startMs + Math.floor(afterSeconds * 1000)) * 1_000_000n;
}
