import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { StreamDefinition } from '#lib/events';

/** The options of a stream that Phoenix decides about. Replicas and placement belong to the operator. */
export type OwnedConfig = Pick<
  StreamConfig,
  | 'name'
  | 'subjects'
  | 'retention'
  | 'storage'
  | 'discard'
  | 'discard_new_per_subject'
  | 'max_age'
  | 'max_bytes'
  | 'max_msgs'
  | 'max_msg_size'
  | 'max_msgs_per_subject'
  | 'duplicate_window'
  | 'deny_delete'
  | 'deny_purge'
  | 'allow_rollup_hdrs'
  | 'allow_direct'
  | 'subject_transform'
>;

type Field = Exclude<keyof OwnedConfig, 'name'>;

/** One option that is not as it must be. */
export interface Difference {
  readonly stream: string;
  readonly field: Field;
  readonly expected: unknown;
  readonly found: unknown;
  /** Bringing it about would lose stored messages, stop taking some, or is refused by the server. */
  readonly destructive: boolean;
}

const UNLIMITED = -1;

/** The server's form of a definition: absent limits are -1, or 0 for the age, times in ns. */
export function ownedConfig(definition: StreamDefinition): OwnedConfig {
  const { subjectTransform } = definition;
  return {
    name: definition.name,
    subjects: [...definition.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: definition.discard === 'new' ? DiscardPolicy.New : DiscardPolicy.Old,
    discard_new_per_subject: definition.discardNewPerSubject ?? false,
    max_age: nanos(definition.maxAge ?? 0),
    max_bytes: definition.maxBytes ?? UNLIMITED,
    max_msgs: UNLIMITED,
    max_msg_size: definition.maxMessageSize,
    max_msgs_per_subject: definition.maxMessagesPerSubject ?? UNLIMITED,
    duplicate_window: nanos(definition.duplicateWindow),
    deny_delete: definition.denyDelete ?? false,
    deny_purge: definition.denyPurge ?? false,
    allow_rollup_hdrs: definition.allowRollup ?? false,
    allow_direct: true,
    ...(subjectTransform === undefined
      ? {}
      : { subject_transform: { src: subjectTransform.from, dest: subjectTransform.to } }),
  };
}

type Harm = (expected: OwnedConfig, found: Readonly<Partial<OwnedConfig>>) => boolean;

const always: Harm = () => true;
const never: Harm = () => false;
const whenLowered =
  (field: 'max_age' | 'max_bytes' | 'max_msgs' | 'max_msgs_per_subject'): Harm =>
  (expected, found) =>
    limit(expected[field]) < limit(found[field]);
const whenTakenAway =
  (field: 'deny_delete' | 'deny_purge'): Harm =>
  (expected, found) =>
    found[field] === true && !expected[field];

/** For each option, when a change to it does harm. */
const harm: Readonly<Record<Field, Harm>> = {
  subjects: (expected, found) =>
    (found.subjects ?? []).some((subject) => !expected.subjects.includes(subject)),
  retention: always,
  storage: always,
  discard: (expected) => expected.discard === DiscardPolicy.Old,
  discard_new_per_subject: never,
  max_age: whenLowered('max_age'),
  max_bytes: whenLowered('max_bytes'),
  max_msgs: whenLowered('max_msgs'),
  max_msg_size: never,
  max_msgs_per_subject: whenLowered('max_msgs_per_subject'),
  duplicate_window: never,
  deny_delete: whenTakenAway('deny_delete'),
  deny_purge: whenTakenAway('deny_purge'),
  allow_rollup_hdrs: never,
  allow_direct: never,
  subject_transform: always,
};

/** What distinguishes a stream on the server from its definition. Pure. */
export function differencesOf(
  definition: StreamDefinition,
  found: Readonly<Partial<OwnedConfig>>,
): readonly Difference[] {
  const expected = ownedConfig(definition);
  return (Object.keys(harm) as readonly Field[])
    .filter((field) => comparable(expected[field]) !== comparable(found[field]))
    .map((field) => ({
      stream: definition.name,
      field,
      expected: expected[field],
      found: found[field],
      destructive: harm[field](expected, found) && !wasOnce(definition, field, found),
    }));
}

/** True when the stream is, in this option, as the definition says that it once was. */
function wasOnce(definition: StreamDefinition, field: Field, found: Readonly<Partial<OwnedConfig>>): boolean {
  if (definition.earlier === undefined) return false;
  const earlier = ownedConfig({ ...definition, ...definition.earlier } as StreamDefinition);
  return comparable(earlier[field]) === comparable(found[field]);
}

/** No limit is written as 0 or -1, depending on the option. */
function limit(value: number | undefined): number {
  return value === undefined || value <= 0 ? Number.POSITIVE_INFINITY : value;
}

function comparable(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify([...(value as readonly string[])].sort());
  if (typeof value === 'object' && value !== null) return JSON.stringify(Object.entries(value).sort());
  if (value === false || value === undefined) return 'absent';
  return JSON.stringify(value);
}
