import type { ServerHttp2Stream } from 'node:http2';
import { MAX_REQUEST_BYTES } from '#lib/otlp';
import { Pieces, type Reading } from './admitted.js';
import type { Seat } from './room.js';

/** A byte that says whether the message is packed, then its length in four. */
const PREFIX_BYTES = 5;

/** A stream that does not hold one message of gRPC. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

/**
 * Reads the one message of a unary call, which may stay packed, as the body of a request over HTTP.
 * @param encoding of a packed message, as the call names it
 * @throws MessageError when it is none; Error when the client went away
 */
export async function readMessage(stream: ServerHttp2Stream, encoding: string, seat: Seat): Promise<Reading> {
  const message = new Message(seat);
  await new Promise<void>((resolve, reject) => {
    const keep = (piece: Buffer): void => {
      if (message.keep(piece)) return;
      stream.off('data', keep);
      resolve();
    };
    stream.on('data', keep);
    const isOver = (): void => (stream.aborted ? reject(new Error('the request ended early')) : resolve());
    stream.once('end', isOver).once('error', reject).once('close', isOver);
  });
  return message.reading(encoding);
}

/** The bytes of an answer, with what stands before every message. */
export function asMessage(content: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(content.length, 1);
  return Buffer.concat([prefix, content]);
}

/** A message as it comes in. */
class Message {
  private prefix = Buffer.alloc(0);
  private readonly pieces: Pieces;
  private trouble: 'too-large' | 'no-room' | undefined;

  constructor(seat: Seat) {
    this.pieces = new Pieces(seat);
  }

  /** False when nothing more can be kept. */
  keep(piece: Buffer): boolean {
    const missing = PREFIX_BYTES - this.prefix.length;
    if (missing > 0) this.prefix = Buffer.concat([this.prefix, piece.subarray(0, missing)]);
    const rest = piece.subarray(Math.max(missing, 0));
    if (this.length() > MAX_REQUEST_BYTES) this.trouble = 'too-large';
    else if (rest.length > 0) this.trouble = this.pieces.keep(rest);
    return this.trouble === undefined;
  }

  reading(encoding: string): Reading {
    if (this.trouble !== undefined) return this.trouble;
    const { body, bytes } = this.pieces;
    if (this.prefix.length < PREFIX_BYTES || bytes !== this.length())
      throw new MessageError('The call does not hold exactly one message.');
    const isPacked = this.prefix[0] === 1;
    if (isPacked && encoding === 'identity')
      throw new MessageError('The message is packed, and the call does not say how.');
    const headers = {
      'content-type': 'application/x-protobuf',
      ...(isPacked && { 'content-encoding': encoding }),
    };
    return { headers, body, bytes };
  }

  private length(): number {
    return this.prefix.length < PREFIX_BYTES ? 0 : this.prefix.readUInt32BE(1);
  }
}
