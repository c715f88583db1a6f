import type { WireReader } from './wire-reader.js';

/** A model type while it is being read. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

/** What to do with each field of a message, by tag. `end` is where the message ends. */
export type FieldReaders<T, R extends WireReader> = Readonly<
  Partial<Record<number, (into: T, reader: R, end: number) => void>>
>;

/** The place of a message: up to where it reaches, and what its fields do. */
export type MessageAt<T, R extends WireReader> = {
  readonly end: number;
  readonly fields: FieldReaders<T, R>;
};

/** Reads one message into `into`; unknown fields are skipped. */
export function readMessage<T, R extends WireReader>(
  reader: R,
  into: T,
  { end, fields }: MessageAt<T, R>,
): T {
  reader.element();
  while (reader.position < end) {
    const tag = reader.tag();
    const field = fields[tag];
    if (field === undefined) reader.skip(tag, end);
    else field(into, reader, end);
  }
  reader.leave(end);
  return into;
}
