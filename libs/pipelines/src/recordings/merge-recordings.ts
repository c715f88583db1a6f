import { RecordingError, type RecordedExport, type RecordedWindow, type Recording } from './recording.js';

/**
 * Two recordings of different hosts as one: windows meet by their number, counted from the beginning of each, and
 * take the time of the first. @throws RecordingError `not-mergeable`
 */
export function mergeRecordings(first: Recording, second: Recording): Recording {
  const { header: a } = first;
  const { header: b } = second;
  const twice = a.hosts.filter((host) => b.hosts.includes(host));
  if (twice.length > 0) throw notMergeable(`host ${twice[0]} stands in both`);
  if (a.intervalSeconds !== b.intervalSeconds || a.windows !== b.windows)
    throw notMergeable('their windows differ in length or number');
  if (a.tenant !== b.tenant) throw notMergeable('they belong to different tenants');
  return {
    header: {
      ...a,
      kind: a.kind === b.kind ? a.kind : 'captured',
      source: `${a.source}; ${b.source}`.slice(0, 500),
      hosts: [...a.hosts, ...b.hosts],
      points: a.points + b.points,
      series: a.series + b.series,
    },
    windows: first.windows.map(({ at, exports }, index): RecordedWindow => ({
      at,
      exports: [...exports, ...exportsOf(second, index)],
    })),
  };
}

function exportsOf({ windows }: Recording, index: number): readonly RecordedExport[] {
  return windows[index]?.exports ?? [];
}

function notMergeable(detail: string): RecordingError {
  return new RecordingError('not-mergeable', detail);
}
