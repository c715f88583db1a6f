import type { RecordingHeader } from './recording.js';

/** The part of a header that is told of a stored recording. */
export function recordingFacts(header: RecordingHeader) {
  const { createdAt, durationSeconds, hosts, intervalSeconds, kind, points, series, source } = header;
  return { kind, source, createdAt, durationSeconds, intervalSeconds, hosts: hosts.length, points, series };
}
