export type MeteringErrorCode =
  | 'unknown-instance' // a request or a detachment for a collector that is not attached
  | 'already-attached'
  | 'too-many-instances'
  | 'mixed-hosts' // windows of several hosts in one block
  | 'bad-message' // bytes that are no window message
  | 'unsupported-version' // a message or a sketch written by a newer meter
  | 'bad-sketch'; // a text that is no sketch, or two sketches of different precision

/** A refusal of the meter; `detail` is for logs. */
export class MeteringError extends Error {
  override readonly name = 'MeteringError';

  constructor(
    readonly code: MeteringErrorCode,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
