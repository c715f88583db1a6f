import { MAX_REQUEST_BYTES } from '#lib/otlp';
import { sentence, type Answer, type Pushed } from './pushed.js';
import type { Room, Seat } from './room.js';
import type { Tee } from './tee.js';

export type House = {
  readonly tee: Pick<Tee, 'handle' | 'isServed' | 'refuse'>;
  readonly room: Room;
};

/** A request that was read as far as it may be kept. */
export type Reading = Pushed | 'too-large' | 'no-room';

/** A client that sends slower than this is no exporter, and holds memory that others want. */
export const REQUEST_BUDGET_MS = 30_000;
export const IDLE_CLIENT_MS = 120_000;
export const MAX_CONNECTIONS = 512;
/** What requests under way get when a door closes. */
export const CLOSING_MS = 10_000;

/**
 * Hands one request on to what is behind a port, if there is somebody to take it and room to hold it. `read` asks the
 * seat before it keeps a piece. @throws what `read` throws
 */
export async function admitted(
  { room, tee }: House,
  port: number,
  read: (seat: Seat) => Promise<Reading>,
): Promise<Answer> {
  if (!tee.isServed(port))
    return tee.refuse(port, 'No live collector takes pushed data here at this moment.');
  const seat = room.enter();
  if (seat === undefined) return tee.refuse(port, 'Too many requests are under way.');
  try {
    const reading = await read(seat);
    if (reading === 'too-large') return tooLarge;
    if (reading === 'no-room') return tee.refuse(port, 'The requests under way leave no room for one more.');
    return await tee.handle(port, reading);
  } finally {
    seat.leave();
  }
}

const tooLarge = sentence(413, `A request may have ${MAX_REQUEST_BYTES} bytes; send smaller batches.`);

/** The pieces of a request as they come, up to the limit and as far as there is room. */
export class Pieces {
  readonly body: Uint8Array[] = [];
  bytes = 0;

  constructor(private readonly seat: Seat) {}

  /** Keeps a piece. @returns why nothing more can be kept */
  keep(piece: Uint8Array): 'too-large' | 'no-room' | undefined {
    this.bytes += piece.length;
    if (this.bytes > MAX_REQUEST_BYTES) return 'too-large';
    if (!this.seat.take(piece.length)) return 'no-room';
    this.body.push(piece);
    return undefined;
  }
}
