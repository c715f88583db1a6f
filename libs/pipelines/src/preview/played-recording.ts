import { decodeMetrics } from '#lib/otlp';
import {
  countRecording,
  MAX_RECORDING_POINTS,
  mostPointsOf,
  RecordingError,
  syntheticHosts,
  syntheticSource,
  syntheticWindows,
  type FleetParameters,
  type Recording,
  type ScrapedWindow,
} from '../recordings/index.js';
import type { WindowLoad } from '../topk/process-load.js';
import { Layouts } from './layouts.js';
import { SharedLists } from './shared-lists.js';

/** A recording ready to be played to pipelines, again and again. */
export type PlayedRecording = {
  readonly kind: 'captured' | 'generated';
  readonly source: string;
  readonly hosts: readonly string[];
  readonly intervalSeconds: number;
  readonly windows: readonly ScrapedWindow[];
  /** At least as many points as it holds. */
  readonly atMostPoints: number;
  readonly layouts: Layouts;
  /** Loads that were looked at for one pipeline serve the next, as they do not depend on what it keeps. */
  readonly loads: Map<string, WindowLoad>;
};

/**
 * Decodes a recording. What it says of its size is not believed: hosts write recordings too.
 * @throws OtlpDecodeError where an export is none
 * @throws RecordingError `too-large` beyond the points of a recording
 */
export function playedRecording({ header, windows }: Recording): PlayedRecording {
  const { hosts, intervalSeconds, kind, source } = header;
  const { points } = countRecording(windows);
  if (points > MAX_RECORDING_POINTS) throw new RecordingError('too-large', `${points} points`);
  const shared = new SharedLists();
  const decoded = windows.map(({ at, exports }) => ({
    at,
    scrapes: exports.map(({ body, host }) => ({ host, data: shared.share(decodeMetrics(body)) })),
  }));
  return {
    ...{ kind, source, hosts, intervalSeconds },
    windows: decoded,
    atMostPoints: points,
    layouts: layoutsOf(decoded),
    loads: new Map(),
  };
}

/** A made-up fleet, without the way over bytes. */
export function playedFleet(fleet: FleetParameters): PlayedRecording {
  const windows = syntheticWindows(fleet);
  return {
    ...{ kind: 'generated', source: syntheticSource(fleet), hosts: syntheticHosts(fleet) },
    intervalSeconds: fleet.intervalSeconds,
    windows,
    atMostPoints: mostPointsOf(fleet),
    layouts: layoutsOf(windows),
    loads: new Map(),
  };
}

function layoutsOf(windows: readonly ScrapedWindow[]): Layouts {
  const layouts = new Layouts();
  for (const { scrapes } of windows) for (const { data } of scrapes) layouts.expect(data);
  return layouts;
}
