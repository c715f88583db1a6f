import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '#tools/embedded';
import type { Violation } from './checker/index.js';
import type { HistoryLine } from './history/lines.js';
import { Network } from './netns/network.js';
import { netnsPlanOf } from './netns/plan.js';
import { nodeNames } from './netns/site.js';
import { planOf } from './plan/plan.js';
import { isPinged } from './parts/host.js';
import type { Way } from './parts/site.js';
import { runSeed, ways, type Tell } from './run-seed.js';
import { summarize, type SeedResult } from './summary.js';

export interface CampaignOptions {
  readonly seeds: readonly number[];
  readonly minutes: number;
  readonly rounds: number;
  readonly keep: string | undefined;
  /** On real links between network namespaces. */
  readonly netns: boolean;
}

/** Lines of evidence that are shown of one violation; the history has them all. */
const SHOWN = 6;

/** The plan of a seed in the house that every seed has. */
export function planFor(seed: number, rounds: number, netns = false) {
  const those = (isOne: (way: Way) => boolean): readonly number[] =>
    ways.flatMap((way, place) => (isOne(way) ? [place] : []));
  const options = {
    ...{ hosts: ways.length, rounds, withLeaf: those((way) => way.startsWith('leaf')) },
    ...{ oneDoor: those((way) => way !== 'leaf-then-http'), pinged: those(isPinged) },
  };
  return netns ? netnsPlanOf(seed, options) : planOf(seed, options);
}

async function play(seed: number, { netns, rounds }: CampaignOptions, tell: Tell) {
  const plan = planFor(seed, rounds, netns);
  if (!netns) return runSeed(plan, tell);
  const network = await Network.open(nodeNames(ways));
  try {
    return await runSeed(plan, tell, network);
  } finally {
    await network.close();
  }
}

/** Plays seed after seed until all are played or the time is up. */
export async function runCampaign(options: CampaignOptions, tell: Tell): Promise<readonly SeedResult[]> {
  const { keep, minutes, seeds } = options;
  const deadline = performance.now() + minutes * 60_000;
  const results: SeedResult[] = [];
  for (const seed of seeds) {
    if (performance.now() > deadline) break;
    const began = performance.now();
    const lines = await play(seed, options, tell);
    const result = summarize(seed, lines, (performance.now() - began) / 1000);
    results.push(result);
    const { offline, pingTimeouts, redelivery, violations } = result;
    tell(
      `seed ${seed}: ${Math.round(result.seconds)} s, ${lines.length} lines, ${violations.length} violations`,
    );
    tell(
      `redelivery checked: ${redelivery.tasks} tasks in ${redelivery.departures} departures; ` +
        `offline ${offline} times, ${pingTimeouts} ping timeouts`,
    );
    for (const violation of violations) tellOf(violation, tell);
    if (keep !== undefined || violations.length > 0) tell(`its history is ${keepHistory(seed, lines, keep)}`);
  }
  return results;
}

/** Shows what does not hold, and the lines that say so. */
export function tellOf({ evidence, property, what }: Violation, tell: Tell): void {
  tell(`VIOLATED ${property}: ${what}`);
  for (const line of evidence.slice(0, SHOWN)) tell(`  ${JSON.stringify(line)}`);
  if (evidence.length > SHOWN) tell(`  and ${evidence.length - SHOWN} lines more`);
}

function keepHistory(seed: number, lines: readonly HistoryLine[], folder: string | undefined): string {
  const kept = folder ?? join(dataDirectory(), 'campaign');
  mkdirSync(kept, { recursive: true });
  const file = join(kept, `link-${seed}.jsonl`);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}
