import { encodeCommit, streams, type Commit } from '#lib/events';
import { StoreError } from './event-store.js';

const MOST_BYTES = streams.find(({ name }) => name === 'EVENTS')?.maxMessageSize ?? 0;
/** The size limit of a stream counts headers too; ours are shorter than this. */
const HEADER_ROOM = 4_096;

/** Encodes a commit. @throws StoreError `too-large`; CodecError */
export function encodeForStream(commit: Commit): Uint8Array {
  const bytes = encodeCommit(commit);
  if (bytes.length > MOST_BYTES - HEADER_ROOM)
    throw new StoreError(
      'too-large',
      `a commit of ${bytes.length} bytes, at most ${MOST_BYTES - HEADER_ROOM}`,
    );
  return bytes;
}
