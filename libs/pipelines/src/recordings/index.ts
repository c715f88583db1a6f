export {
  decodeRecording,
  decodeRecordingHeader,
  encodeRecording,
  MAX_PACKED_BYTES,
  MAX_UNPACKED_BYTES,
} from './codec.js';
export { countRecording } from './count-recording.js';
export {
  fleetParametersSchema,
  MAX_RECORDING_POINTS,
  mostPointsOf,
  scrapesOf,
  type FleetParameters,
} from './fleet-parameters.js';
export { mergeRecordings } from './merge-recordings.js';
export { syntheticCriticalProcesses } from './process-kinds.js';
export {
  RecordingError,
  recordingHeaderSchema,
  type RecordedExport,
  type RecordedWindow,
  type Recording,
  type RecordingErrorCode,
  type RecordingHeader,
} from './recording.js';
export { sampleOf } from './sample-of.js';
export {
  syntheticHosts,
  syntheticRecording,
  syntheticSource,
  syntheticWindows,
  type ScrapedWindow,
} from './synthetic-fleet.js';
