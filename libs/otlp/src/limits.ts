/** A collector's batch is far below 1 MiB per 10,000 points; its own receiver accepts 20 MiB. */
export const MAX_REQUEST_BYTES = 20 * 1024 * 1024;

/** Decoding to objects costs about 100 bytes per element, however short its bytes are. */
export const MAX_ELEMENTS = 2_000_000;

/** Real attribute values nest two or three levels; the limit keeps the stack safe. */
export const MAX_VALUE_DEPTH = 32;

/** Distinct byte strings remembered by one reader; a full table starts again from empty. */
export const INTERN_ENTRIES = 1 << 16;

/** Bytes kept to compare with. With `INTERN_ENTRIES` this bounds a reader at about 20 MiB. */
export const INTERN_BYTES = 4 * 1024 * 1024;

/** Longer values (command lines, stack traces) rarely repeat, so keeping them costs more than it saves. */
export const INTERN_LONGEST = 1024;
