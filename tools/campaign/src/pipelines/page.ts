import type { Machine } from '#tools/house';
import type { CampaignResult, CaseResult } from './campaign.js';
import { properties } from './judge.js';

export interface PageFacts {
  readonly machine: Machine;
  /** ISO 8601, the day counts. */
  readonly date: string;
  readonly command: string;
  readonly seconds: number;
  readonly parallel: number;
}

/** `docs/campaigns/pipelines.md`. */
export function pipelinesPage(campaign: CampaignResult, facts: PageFacts): string {
  const { command, date, machine, parallel, seconds } = facts;
  const { commit, cores, cpu, memoryGiB, node, system } = machine;
  const { asked, processes, results } = campaign;
  const count = results.reduce((sum, { violations }) => sum + violations.length, 0);
  return `# Campaign of the pipelines

Written by \`${command}\`; violations stay in the tables. Each template runs on the real collector at its defaults and
with all parameters at either end, for ${seconds} s and ${parallel} at a time, against the processes of this machine and
${processes} more that work, wait, come and go. The baseline runs beside them all the time.

- ${date.slice(0, 10)}, commit \`${commit}\`
- ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}
- Node.js ${node}
- ${results.length} of ${asked} cases, ${Math.round(campaign.seconds)} s, ${count} violations

## Properties

| property | what it says | cases that broke it |
| --- | --- | --- |
${Object.entries(properties)
  .map(([property, says]) => `| ${property} | ${says} | ${breakers(results, property)} |`)
  .join('\n')}

## Cases

Series are means of a scrape, those of the baseline of the same time. What merges processes sends the growth of their
counters from the second scrape on, so where the interval is long the mean of a short run is too low.

| template | parameters | scrapes | series | of the baseline | fewer by | errors | violations |
| --- | --- | --: | --: | --: | --: | --: | --: |
${results.map(row).join('\n')}
${violationList(results)}`;
}

function breakers(results: readonly CaseResult[], property: string): string {
  const broken = results.filter(({ violations }) => violations.some((one) => one.property === property));
  return broken.length === 0 ? 'none' : broken.map(nameOf).join(', ');
}

function nameOf({ case: { end, template } }: CaseResult): string {
  return `${template} ${end}`;
}

function row(result: CaseResult): string {
  const { baselineSeries, case: one, errors, scrapes, series, violations } = result;
  const fewer = baselineSeries === 0 ? 0 : 100 * (1 - series / baselineSeries);
  const cells = [one.template, one.end, scrapes, Math.round(series), Math.round(baselineSeries)];
  return `| ${[...cells, `${fewer.toFixed(1)} %`, errors, violations.length].join(' | ')} |`;
}

function violationList(results: readonly CaseResult[]): string {
  const lines = results.flatMap((result) =>
    result.violations.map(({ property, what }) => `- ${nameOf(result)}, ${property}: ${what}`),
  );
  return lines.length === 0 ? '' : `\n## Violations\n\n${lines.join('\n')}\n`;
}
