import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';
import type { Span } from '../figures.js';
import { largest, smallest } from './moments.js';

/** What one host measured in one block of time: the unit of evidence. Plain JSON data; times in ms since the epoch. */
export type EvidenceBlock = {
  readonly host: string;
  readonly start: number;
  readonly seconds: number;
  readonly windows: number;
  /** Versions of the series identity that were found; counts under different ones must not be compared. */
  readonly identityVersions: readonly number[];
  /** The worst offset of the host's clock; `null` where nobody measured it. */
  readonly clockOffsetMs: number | null;
  /** Mean cores and highest memory of each executable of the host. */
  readonly weights: readonly ExecutableUse[];
  readonly baseline: VariantEvidence | null;
  readonly candidate: VariantEvidence | null;
};

export type TimedBlock = Pick<EvidenceBlock, 'start' | 'seconds'>;

export type ExecutableUse = { readonly name: string; readonly cpu: number; readonly rssBytes: number };

export type VariantEvidence = {
  /** Whether every collector of the variant ran the ordered configuration. */
  readonly configurationIsOrdered: boolean;
  readonly coveredSeconds: number;
  readonly gapSeconds: number;
  /** `standardError` is relative, 0 for an exact count; `null` where nothing tells the number of series. */
  readonly activeSeries: { readonly value: number; readonly standardError: number } | null;
  readonly points: number;
  readonly executables: readonly string[];
  /** `null` where the collector could not be sampled. */
  readonly use: CollectorUse | null;
};

export type CollectorUse = {
  readonly sampledSeconds: number;
  readonly cpuSeconds: number;
  readonly rssP95Bytes: number;
  /** Points refused by a receiver or queue, and points that an exporter gave up. */
  readonly refused: number;
  readonly failed: number;
};

/** Blocks by host and start; copies of one key by content, so that any order of arrival gives the same list. */
export function canonicalBlocks(blocks: readonly EvidenceBlock[]): readonly EvidenceBlock[] {
  return blocks
    .map((block) => ({ block, key: canonicalJson(block) }))
    .sort(
      (a, b) => compare(a.block.host, b.block.host) || a.block.start - b.block.start || compare(a.key, b.key),
    )
    .map(({ block }) => block);
}

/** SHA-256 in hex over the canonical JSON of blocks that are in canonical order. */
export function digestOf(blocks: readonly EvidenceBlock[]): string {
  return createHash('sha256').update(canonicalJson(blocks)).digest('hex');
}

/** From the first start to the last end; undefined without a block. */
export function spanOf(blocks: readonly TimedBlock[]): Span | undefined {
  if (blocks.length === 0) return undefined;
  return {
    from: smallest(blocks.map(({ start }) => start)),
    to: largest(blocks.map(endOf)),
  };
}

/** End of a block in ms since the epoch. */
export function endOf({ start, seconds }: TimedBlock): number {
  return start + seconds * 1000;
}

/** Compares by code unit, never by locale. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
