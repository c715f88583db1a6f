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
  return {
    ...{ kind, source, hosts, intervalSeconds },
    windows: windows.map(({ at, exports }) => ({
      at,
      scrapes: exports.map(({ body, host }) => ({ host, data: decodeMetrics(body) })),
    })),
    atMostPoints: points,
    layouts: new Layouts(),
    loads: new Map(),
  };
}

/** A made-up fleet, without the way over bytes. */
export function playedFleet(fleet: FleetParameters): PlayedRecording {
  return {
    ...{ kind: 'generated', source: syntheticSource(fleet), hosts: syntheticHosts(fleet) },
    intervalSeconds: fleet.intervalSeconds,
    windows: syntheticWindows(fleet),
    atMostPoints: mostPointsOf(fleet),
    layouts: new Layouts(),
    loads: new Map(),
  };
}
