import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { repositoryRoot } from '#tools/embedded';
import { benches } from './benches/index.js';
import { judge, type Bench, type Metric, type Result } from './harness/bench.js';
import { describeMachine } from '#tools/house';
import { readOptions, USAGE, UsageError, type Options } from './harness/options.js';
import { page } from './harness/page.js';
import { jsonLine, table } from './harness/report.js';

const BAD_USAGE = 2;
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const answer = (line: string): void => void process.stdout.write(`${line}\n`);

/** Fails when a bench could not be run; a missed target is a result like any other. */
async function main(options: Options): Promise<void> {
  const results: Result[] = [];
  let failures = 0;
  for (const bench of benches.filter((one) => wantedOf(one, options).length > 0)) {
    const wanted = wantedOf(bench, options);
    tell(`measuring ${wanted.map(({ name }) => name).join(', ')}`);
    try {
      const measured = await bench.run(tell);
      const judged = wanted.flatMap((metric) => {
        const measurement = measured[metric.name];
        return measurement === undefined ? [] : [judge(metric, measurement)];
      });
      if (options.json) judged.forEach((result) => answer(jsonLine(result)));
      results.push(...judged);
    } catch (error) {
      failures += 1;
      tell(`FAILED ${wanted.map(({ name }) => name).join(', ')}: ${String(error)}`);
    }
  }
  if (!options.json) answer(table(results));
  if (failures > 0) process.exitCode = 1;
  else if (options.write) await writePage(results);
}

async function writePage(results: readonly Result[]): Promise<void> {
  const metrics = benches.flatMap(metricsOf);
  const about = { machine: describeMachine(), date: new Date().toISOString() };
  const path = join(repositoryRoot(), 'docs', 'benchmarks.md');
  const style = await resolveConfig(path);
  await writeFile(path, await format(page(results, metrics, about), { ...style, filepath: path }));
}

function wantedOf(bench: Bench, { only }: Options): readonly Metric[] {
  return metricsOf(bench).filter(({ name }) => name.startsWith(only));
}

function metricsOf({ metrics }: Bench): readonly Metric[] {
  return Object.entries(metrics).map(([name, metric]) => ({ name, ...metric }));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (benches.every((one) => wantedOf(one, options).length === 0))
    throw new UsageError(`no figure begins with ${options.only}`);
  await main(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  tell(`${error.message}\n${USAGE}`);
  process.exitCode = BAD_USAGE;
}
