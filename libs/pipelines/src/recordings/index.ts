export {
  checkedRecordingHeader,
  decodeRecording,
  decodeRecordingHeader,
  encodeRecording,
  MAX_PACKED_BYTES,
  MAX_UNPACKED_BYTES,
  packRecording,
} from './codec.js';
export { countRecording, RecordingCounter } from './count-recording.js';
export {
  fleetParametersSchema,
  MAX_RECORDING_POINTS,
  mostPointsOf,
  scrapesOf,
  type FleetParameters,
} from './fleet-parameters.js';
export { recordingFacts } from './recording-facts.js';
export { rawSpec } from './raw-spec.js';
export { mergeRecordings } from './merge-recordings.js';
export { syntheticCriticalProcesses } from './process-kinds.js';
export {
  RECORDING_SCHEMA_VERSION,
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
