/** Every bound of the meter in one place, each with its reason. Beyond a bound things are counted together. */

/** The unit of evidence (DESIGN: Measuring). */
export const WINDOW_MS = 10_000;
export const MINUTE_MS = 60_000;

/** A window that is opened later than this after its start is covered only from then on; timers may be a little late. */
export const OPENING_TOLERANCE_MS = 2_500;

/** More windows wait to be closed only if the agent stopped closing; the oldest then becomes a gap. */
export const MAX_OPEN_WINDOWS = 6;

/** Collectors attached at one time: two variants, each twice during a swap, and room for a swap of a swap. */
export const MAX_INSTANCES = 8;

/** Exact series per collector and minute: 28 bytes each at half load, 3.5 MiB at the bound; a sketch above. */
export const MAX_EXACT_SERIES = 65_536;

/** Names known within one minute. Hosts run some hundreds of executables and scrapers some hundreds of metrics. */
export const MAX_KNOWN_NAMES = 1_024;

/** Names in one message, by points; with these two a message stays below about 8 KiB in the worst case. */
export const MAX_METRICS_PER_WINDOW = 128;
export const MAX_EXECUTABLES_PER_WINDOW = 256;

/** A host runs some tens of services in a few namespaces. */
export const MAX_SERVICES_PER_WINDOW = 64;
export const MAX_NAMESPACES_PER_WINDOW = 32;

/** The top of lost series is for people to read. */
export const MAX_LOST_NAMES = 10;

/** Attribute keys with their own distinct count; the rest share one. */
export const MAX_ATTRIBUTE_KEYS = 64;

/** Attribute keys of a block with their own sketch of at most 1 KiB; the rest share one. */
export const MAX_BLOCK_ATTRIBUTES = 32;

/** A name longer than this is cut: it is a command line or an attack, not a name. */
export const MAX_NAME_LENGTH = 128;

/** Requests per window and collector whose freshness is kept for the median; the maximum is always exact. */
export const MAX_FRESHNESS_SAMPLES = 512;

/** Processes followed for CPU and memory, about 300 bytes each. */
export const MAX_PROCESSES = 8_192;

/** A process not heard of for this long has ended; longer than any sensible scrape interval. */
export const PROCESS_FORGOTTEN_MS = 150_000;

/** Precision of the sketch of series: 2^14 registers, standard error 0.81 %. */
export const SERIES_PRECISION = 14;

/** Precision of the sketches of attribute values: 2^10 registers, standard error 3.3 %. */
export const ATTRIBUTE_PRECISION = 10;

/** A message is typically 2 KiB, with sketches 20 KiB; a larger one is not ours. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
export const MAX_INFLATED_BYTES = 4 * 1024 * 1024;

/** The bucket for everything beyond a bound. */
export const OTHER = '(other)';

/** The bucket for what names nothing, such as points without a service. */
export const NONE = '(none)';
