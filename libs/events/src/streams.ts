import { METRIC_SHARDS } from './subjects.js';

/** The bucket of recordings, and the stream that an object store keeps it in: clients derive one from the other. */
export const RECORDINGS_BUCKET = 'recordings';
const recordingsStream = `OBJ_${RECORDINGS_BUCKET}` as const;

/** What a stream must be. Applied by `tools/migrate`, compared by every app at start. Times in ms, sizes in bytes. */
export interface StreamDefinition {
  readonly name: 'EVENTS' | 'WANT' | 'TASKS' | 'UPLINK' | 'METRICS' | 'PUBLIC' | typeof recordingsStream;
  readonly subjects: readonly string[];
  readonly discard: 'new' | 'old';
  readonly maxAge?: number;
  readonly maxBytes?: number;
  readonly maxMessageSize: number;
  readonly maxMessagesPerSubject?: number;
  /** Refuse a message for a full subject instead of dropping its oldest. */
  readonly discardNewPerSubject?: boolean;
  readonly denyDelete?: boolean;
  readonly denyPurge?: boolean;
  /** Let a message replace those before it on its subject, as the descriptions of stored objects do. */
  readonly allowRollup?: boolean;
  readonly subjectTransform?: { readonly from: string; readonly to: string };
  /** Window in which message ids are remembered. Host-written streams never rely on it. */
  readonly duplicateWindow: number;
  /** How it differed in an earlier version that may become this one unasked, because nothing stored is lost by it. */
  readonly earlier?: { readonly [K in keyof StreamDefinition]?: StreamDefinition[K] | undefined };
  readonly summary: string;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TWO_MINUTES = 120_000;

/** Retention is always *limits*: nothing disappears because somebody read it. */
export const streams: readonly StreamDefinition[] = [
  {
    name: 'EVENTS',
    subjects: ['evt.*.*.*'],
    discard: 'new',
    maxMessageSize: 512 * KIB,
    denyDelete: true,
    denyPurge: true,
    duplicateWindow: TWO_MINUTES,
    summary: 'Commits, the truth.',
  },
  {
    name: 'WANT',
    subjects: ['want.*.*'],
    discard: 'old',
    maxMessageSize: 512 * KIB,
    maxMessagesPerSubject: 1,
    duplicateWindow: TWO_MINUTES,
    summary: 'Newest desired state of each host.',
  },
  {
    name: 'TASKS',
    subjects: ['task.*.*'],
    discard: 'new',
    maxAge: 7 * DAY,
    maxMessageSize: 64 * KIB,
    maxMessagesPerSubject: 1000,
    discardNewPerSubject: true,
    duplicateWindow: TWO_MINUTES,
    summary: 'One-shot tasks of each host.',
  },
  {
    name: 'UPLINK',
    subjects: ['up.*.*.*'],
    discard: 'new',
    maxAge: 7 * DAY,
    maxMessageSize: 128 * KIB,
    // No limit of the whole stream: it would let one host shut out the others. Whatever kinds a host makes up, all it
    // says is stored under one subject, so the limit of a subject is its quota.
    maxMessagesPerSubject: 10_000,
    discardNewPerSubject: true,
    subjectTransform: { from: 'up.*.*.*', to: 'up.{{wildcard(1)}}.{{wildcard(2)}}.all' },
    duplicateWindow: TWO_MINUTES,
    earlier: { subjects: ['up.*.*.>'], subjectTransform: undefined },
    summary: 'Results and host facts, numbered by (host, epoch, n).',
  },
  {
    name: 'METRICS',
    subjects: ['met.*.*'],
    discard: 'old',
    maxAge: 12 * HOUR,
    maxBytes: 4 * GIB,
    maxMessageSize: 256 * KIB,
    // Twice what a host tells in `maxAge`, and half of `maxBytes` at most: a host that floods pushes out its own
    // oldest windows and never those of others. Refusing new ones would blind a host that comes back with a backlog.
    maxMessagesPerSubject: 8_192,
    subjectTransform: {
      from: 'met.*.*',
      to: `met.{{partition(${METRIC_SHARDS},1,2)}}.{{wildcard(1)}}.{{wildcard(2)}}`,
    },
    duplicateWindow: TWO_MINUTES,
    earlier: { maxMessagesPerSubject: undefined },
    summary: 'Window summaries, sharded by tenant and host.',
  },
  {
    name: 'PUBLIC',
    subjects: ['pub.*.*.*'],
    discard: 'old',
    maxAge: 14 * DAY,
    maxMessageSize: 512 * KIB,
    duplicateWindow: TWO_MINUTES,
    summary: 'Public events as CloudEvents 1.0, one per message.',
  },
  {
    name: recordingsStream,
    // The subjects of JetStream's object store: chunks, and one description for each object.
    subjects: [`$O.${RECORDINGS_BUCKET}.C.>`, `$O.${RECORDINGS_BUCKET}.M.>`],
    discard: 'new',
    // Later than any recording expires: then its chunks never go before its description says that it is over.
    maxAge: 31 * DAY,
    maxBytes: 2 * GIB,
    maxMessageSize: 256 * KIB,
    allowRollup: true,
    duplicateWindow: TWO_MINUTES,
    summary: 'Recordings for previews, as an object store.',
  },
];

/** Oldest server that keeps every option used here; older ones drop options without a word. */
export const MINIMUM_NATS_VERSION = '2.12.0';

/** Headers of a commit message. */
export const COMMIT_HEADERS = { events: 'Phx-Events', trace: 'traceparent' } as const;
