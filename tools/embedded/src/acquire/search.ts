import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../process/service.js';
import { cachedFolder, lookUpCache } from './cache.js';
import { PartMissing, type FoundPart, type Source } from './part.js';
import { onPath, versionOf } from './probe.js';

/** One way of making a part that the machine lacks. */
export interface Kit {
  readonly source: Extract<Source, 'release' | 'go' | 'debian' | 'npm'>;
  /** Names version, manifest and platform: what is made under one key is always the same. */
  readonly cacheKey: string;
  /** Leaves the program in `folder`, under its usual name. */
  readonly make: (folder: string, log: Log) => Promise<void>;
}

/** How one part is looked for. */
export interface PartSearch {
  /** Its name on `PATH` and in the cache. */
  readonly program: string;
  /** The environment variable that names it outright. */
  readonly variable: string;
  /** Says why a version, or the program itself, will not do; undefined when it will. */
  readonly objection: (version: string, program: string) => string | undefined | Promise<string | undefined>;
  readonly kits: readonly Kit[];
}

export type SearchResult =
  | { readonly kind: 'found'; readonly part: FoundPart }
  | { readonly kind: 'missing'; readonly reasons: readonly string[] };

/**
 * Looks for a part: the environment variable, `PATH`, the cache, then each kit in turn.
 * @throws PartMissing when the environment variable names something unusable: an explicit choice is never overruled.
 */
export async function searchPart(search: PartSearch, log: Log): Promise<SearchResult> {
  const chosen = process.env[search.variable];
  if (chosen !== undefined && chosen !== '') return takeChosen(search, chosen);

  const reasons: string[] = [];
  const installed = onPath(search.program);
  if (installed === undefined) reasons.push(`path: no ${search.program}`);
  else {
    const probed = await probe(search, installed);
    if (typeof probed !== 'string') return found(installed, probed.version, { source: 'path', cached: true });
    reasons.push(`path: ${probed}`);
  }

  for (const kit of search.kits) {
    const folder = lookUpCache(kit.cacheKey);
    if (folder === undefined) continue;
    const program = join(folder, search.program);
    const probed = await probe(search, program);
    if (typeof probed !== 'string') return found(program, probed.version, { source: 'cache', cached: true });
    reasons.push(`cache: ${probed}`);
  }
  return make(search, log, reasons);
}

async function make(search: PartSearch, log: Log, reasons: string[]): Promise<SearchResult> {
  const say: Log = (line) => log(`${search.program}: ${line}`);
  for (const kit of search.kits) {
    try {
      const { path } = await cachedFolder(kit.cacheKey, say, async (folder) => {
        await kit.make(folder, say);
        await requireUsable(search, join(folder, search.program));
      });
      const program = join(path, search.program);
      return found(program, await requireUsable(search, program), { source: kit.source, cached: false });
    } catch (error) {
      const reason = `${kit.source}: ${error instanceof Error ? error.message : String(error)}`;
      say(reason);
      reasons.push(reason);
    }
  }
  return { kind: 'missing', reasons };
}

async function takeChosen(search: PartSearch, path: string): Promise<SearchResult> {
  const probed = await probe(search, path);
  if (typeof probed === 'string') throw new PartMissing(`${search.variable}: ${probed}`);
  return found(path, probed.version, { source: 'env', cached: true });
}

async function requireUsable(search: PartSearch, program: string): Promise<string> {
  const probed = await probe(search, program);
  if (typeof probed === 'string') throw new Error(probed);
  return probed.version;
}

/** The version of a usable program, or the reason why it is not usable. */
async function probe(search: PartSearch, program: string): Promise<{ readonly version: string } | string> {
  const version = await versionOf(program);
  if (version === undefined) return `${program} does not run here`;
  return (await search.objection(version, program)) ?? { version };
}

function found(path: string, version: string, origin: Pick<FoundPart, 'source' | 'cached'>): SearchResult {
  return { kind: 'found', part: { path, version, ...origin, bytes: statSync(path).size } };
}
