export * from './model.js';
export { OtlpDecodeError, type OtlpDecodeErrorCode } from './errors.js';
export { decodeMetrics } from './decode.js';
export { encodeMetrics } from './encode.js';
export { decodeRpcMessage, encodeRpcStatus, type RpcStatus } from './rpc-status.js';
export { MetricsReader, type MetricInfo, type MetricsVisitor, type PointView } from './metrics-reader.js';
export type { HashedAttribute } from './attribute-reader.js';
export { hashToBigInt, type Hash64 } from './hash.js';
export {
  hashAttribute,
  hashText,
  seriesIdentity,
  seriesIdentityVersion,
  streamShape,
  type SeriesKey,
  type StreamShape,
} from './identity.js';
export { MAX_ELEMENTS, MAX_REQUEST_BYTES, MAX_VALUE_DEPTH } from './limits.js';
