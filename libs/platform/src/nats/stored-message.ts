/** A message as a stream holds it. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}

/** A stream could not be read now; reading again later is safe. */
export class StreamReadError extends Error {
  override readonly name = 'StreamReadError';
  readonly code = 'unavailable';
}
