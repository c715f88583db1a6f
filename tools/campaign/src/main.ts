import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { repositoryRoot } from '#tools/embedded';
import { describeMachine } from '#tools/house';
import { runCampaign, tellOf } from './link/campaign.js';
import { check } from './link/checker/index.js';
import { parseHistory } from './link/history/lines.js';
import { NetworkUnavailable } from './link/netns/iproute.js';
import { page } from './link/page.js';
import type { SeedResult } from './link/summary.js';
import { runPipelines } from './pipelines/campaign.js';
import { pipelinesPage } from './pipelines/page.js';
import { readOptions, USAGE, UsageError, type Options } from './options.js';

const FAILED = 1;
const BAD_USAGE = 2;
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Answers how many properties were found broken. */
async function main(options: Options): Promise<number> {
  if (options.command === 'check') {
    const violations = check(parseHistory(await readFile(options.file, 'utf8')));
    for (const violation of violations) tellOf(violation, tell);
    tell(`${violations.length} violations`);
    return violations.length;
  }
  // What was committed is what is measured: the page itself would make the checkout differ.
  const machine = describeMachine();
  if (options.command === 'pipelines') return tryPipelines(options, machine);
  const results = await runCampaign(options, tell);
  const count = results.reduce((sum, { violations }) => sum + violations.length, 0);
  tell(`${results.length} of ${options.seeds.length} seeds played, ${count} violations`);
  if (options.write) await writePage(results, machine, options.netns);
  return count;
}

async function tryPipelines(
  options: Extract<Options, { command: 'pipelines' }>,
  machine: ReturnType<typeof describeMachine>,
): Promise<number> {
  const campaign = await runPipelines(options, tell);
  const count = campaign.results.reduce((sum, { violations }) => sum + violations.length, 0);
  tell(`${campaign.results.length} of ${campaign.asked} cases tried, ${count} violations`);
  const { parallel, seconds } = options;
  const facts = { machine, parallel, seconds, ...provenance() };
  if (options.write) await writeTo('pipelines.md', pipelinesPage(campaign, facts));
  return count;
}

async function writePage(
  results: readonly SeedResult[],
  machine: ReturnType<typeof describeMachine>,
  netns: boolean,
): Promise<void> {
  const text = page(results, { machine, ...provenance(), netns });
  await writeTo(netns ? 'link-netns.md' : 'link.md', text);
}

function provenance(): { readonly date: string; readonly command: string } {
  const command = `npm run campaign -- ${process.argv.slice(2).join(' ')}`;
  return { date: new Date().toISOString(), command };
}

async function writeTo(name: string, text: string): Promise<void> {
  const path = join(repositoryRoot(), 'docs', 'campaigns', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

try {
  const violations = await main(readOptions(process.argv.slice(2)));
  if (violations > 0) process.exitCode = 1;
} catch (error) {
  if (error instanceof NetworkUnavailable) {
    tell(error.message);
    process.exitCode = FAILED;
  } else if (error instanceof UsageError) {
    tell(`${error.message}\n${USAGE}`);
    process.exitCode = BAD_USAGE;
  } else throw error;
}
