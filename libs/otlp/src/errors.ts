/** Why bytes are not an OTLP metrics request that we accept. */
export type OtlpDecodeErrorCode =
  | 'truncated' // a field or message ends after the bytes that hold it
  | 'bad-varint' // a varint longer than ten bytes
  | 'bad-tag' // field number 0, or a tag above 32 bits
  | 'bad-wire-type' // groups and reserved wire types, which OTLP never uses
  | 'too-deep' // attribute values nested beyond `MAX_VALUE_DEPTH`
  | 'too-large'; // beyond `MAX_REQUEST_BYTES` or `MAX_ELEMENTS`

/** Malformed or oversize bytes. `offset` is the byte at which reading stopped. */
export class OtlpDecodeError extends Error {
  override readonly name = 'OtlpDecodeError';

  constructor(
    readonly code: OtlpDecodeErrorCode,
    readonly offset: number,
  ) {
    super(`OTLP metrics request is not readable at byte ${offset}: ${code}`);
  }
}
