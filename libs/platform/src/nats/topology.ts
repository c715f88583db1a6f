import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { MINIMUM_NATS_VERSION, type StreamDefinition } from '#lib/events';
import type { Nats } from './nats.js';
import { differencesOf, ownedConfig, type Difference } from './topology-difference.js';

export type TopologyErrorCode = 'server-too-old' | 'stream-missing' | 'stream-differs' | 'destructive-change';

/** The streams are not what this version of Phoenix needs. Says what, where and what to do. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
  constructor(
    readonly code: TopologyErrorCode,
    detail: string,
    readonly differences: readonly Difference[] = [],
  ) {
    super(`${code}: ${detail}`);
  }
}

/**
 * Creates missing streams and changes those that differ, unless that would do harm. Only `tools/migrate` calls this.
 * All streams are looked at before the first is touched.
 * @throws TopologyError `server-too-old` or `destructive-change`; then nothing was changed
 */
export async function applyTopology(nats: Nats, streams: readonly StreamDefinition[]): Promise<void> {
  requireVersion(nats.serverVersion);
  const manager = await nats.manager();
  const found = await Promise.all(streams.map((stream) => configOf(manager, stream.name)));
  const destructive = streams
    .flatMap((stream, index) => differencesOrNone(stream, found[index]))
    .filter((difference) => difference.destructive);
  if (destructive.length > 0)
    throw new TopologyError(
      'destructive-change',
      `${sentences(destructive)}. Copy the stream, or change it by hand when its messages may go.`,
      destructive,
    );
  for (const [index, stream] of streams.entries()) {
    if (found[index] === undefined) await manager.streams.add(ownedConfig(stream));
    else if (differencesOf(stream, found[index]).length > 0)
      await manager.streams.update(stream.name, ownedConfig(stream));
  }
  await verifyTopology(nats, streams);
}

/**
 * Compares every stream with its definition, as the server reads it back: servers drop options they do not know.
 * @throws TopologyError `server-too-old`, `stream-missing` or `stream-differs`
 */
export async function verifyTopology(nats: Nats, streams: readonly StreamDefinition[]): Promise<void> {
  requireVersion(nats.serverVersion);
  const manager = await nats.manager();
  const found = await Promise.all(streams.map((stream) => configOf(manager, stream.name)));
  const missing = streams.filter((_, index) => found[index] === undefined).map(({ name }) => name);
  if (missing.length > 0)
    throw new TopologyError('stream-missing', `${missing.join(', ')}. Run \`npm run migrate\`.`);
  const differences = streams.flatMap((stream, index) => differencesOrNone(stream, found[index]));
  if (differences.length > 0)
    throw new TopologyError(
      'stream-differs',
      `${sentences(differences)}. Run \`npm run migrate\`.`,
      differences,
    );
}

/** @throws TopologyError `server-too-old` unless the version is at least the oldest one that keeps every option */
export function requireVersion(version: string): void {
  const [major = 0, minor = 0, patch = 0] = numbers(version);
  const [leastMajor = 0, leastMinor = 0, leastPatch = 0] = numbers(MINIMUM_NATS_VERSION);
  const order = major - leastMajor || minor - leastMinor || patch - leastPatch;
  if (order < 0)
    throw new TopologyError(
      'server-too-old',
      `nats-server ${version} drops options without a word; use ${MINIMUM_NATS_VERSION} or newer.`,
    );
}

/** A pre-release counts as its release: `2.12.0-RC.1` is 2.12.0. */
function numbers(version: string): readonly number[] {
  return version.split(/[.-]/, 3).map(Number);
}

type FoundConfig = Parameters<typeof differencesOf>[1];

function differencesOrNone(stream: StreamDefinition, found: FoundConfig | undefined): readonly Difference[] {
  return found === undefined ? [] : differencesOf(stream, found);
}

const STREAM_NOT_FOUND = 10059;

async function configOf(manager: JetStreamManager, name: string): Promise<FoundConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

function sentences(differences: readonly Difference[]): string {
  return differences
    .map(
      ({ stream, field, expected, found }) =>
        `${stream}.${field} must be ${shown(expected)} and is ${shown(found)}`,
    )
    .join('; ');
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
