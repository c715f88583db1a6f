import type { Machine } from '#tools/house';
import { properties } from './checker/index.js';
import { kernelSection } from './netns/page.js';
import { together } from './netns/sightings.js';
import type { SeedResult } from './summary.js';

export interface PageFacts {
  readonly machine: Machine;
  /** ISO 8601, the day counts. */
  readonly date: string;
  readonly command: string;
  /** The faults struck real links between network namespaces, and not proxies. */
  readonly netns?: boolean;
}

const WHY = {
  proxies: 'What is done to the house, and why by\nproxies,',
  links: 'What is done to the house, and what\nlinks between network namespaces show that proxies cannot,',
} as const;

/** `docs/campaigns/link.md`, or `link-netns.md`. */
export function page(results: readonly SeedResult[], facts: PageFacts): string {
  const { command, date, machine, netns = false } = facts;
  const { commit, cores, cpu, memoryGiB, node, system } = machine;
  const total = (of: (result: SeedResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  return `# Fault campaign of the link${netns ? ', on real links' : ''}

Written by \`${command}\`; violations stay in the tables. ${WHY[netns ? 'links' : 'proxies']} is in [ADR 0011](../adr/0011-faults-come-from-proxies.md).

- ${date.slice(0, 10)}, commit \`${commit}\`
- ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}
- Node.js ${node}
- ${results.length} seeds, ${Math.round(total(({ seconds }) => seconds))} s, ${total(({ violations }) => violations.length)} violations

## Properties

| property | seeds that broke it |
| --- | --- |
${Object.keys(properties)
  .map((property) => `| ${property} | ${breakers(results, property)} |`)
  .join('\n')}

## Faults

| fault | times |
| --- | --: |
${faultRows(results)}

A fault of the kind \`host-crashed\` is arranged: the host is to kill itself at a step that the plan names.

${noticed(total)}

## Seeds

| seed | s | faults | results | windows | given up | tasks | orders | host starts | violations |
| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
${results.map(seedRow).join('\n')}

Results and windows are messages that the hub stored, copies included; windows given up are those in gaps that hosts
told. Orders are hand-overs of a generation, repeated ones included.
${kernelPart(results)}${violationList(results)}`;
}

function kernelPart(results: readonly SeedResult[]): string {
  const sightings = together(results.flatMap((result) => result.sightings));
  return sightings.length === 0 ? '' : kernelSection(sightings);
}

function noticed(total: (of: (result: SeedResult) => number) => number): string {
  const tasks = total(({ redelivery }) => redelivery.tasks);
  const departures = total(({ redelivery }) => redelivery.departures);
  return [
    `- arranged crashes that came at their step: ${total(({ crashes }) => crashes.arranged)}`,
    `- unexpected ends of processes: ${total(({ crashes }) => crashes.unexpected)}`,
    `- hosts found offline: ${total(({ offline }) => offline)} times`,
    `- connections closed because pings got no answer: ${total(({ pingTimeouts }) => pingTimeouts)}`,
    `- redelivery checked: ${tasks} tasks in ${departures} departures of a gateway`,
  ].join('\n');
}

function breakers(results: readonly SeedResult[], property: string): string {
  const seeds = results.filter(({ violations }) => violations.some((one) => one.property === property));
  return seeds.length === 0 ? 'none' : seeds.map(({ seed }) => seed).join(', ');
}

function faultRows(results: readonly SeedResult[]): string {
  const sums = new Map<string, number>();
  for (const { faults } of results)
    for (const [kind, count] of Object.entries(faults)) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `| ${kind} | ${count} |`)
    .join('\n');
}

function seedRow(result: SeedResult): string {
  const faults = Object.values(result.faults).reduce((sum, count) => sum + count, 0);
  const { lostWindows, orders, restarts, seconds, seed, tasks, violations, windows } = result;
  const cells = [
    seed,
    Math.round(seconds),
    faults,
    result.results,
    windows,
    lostWindows,
    tasks,
    orders,
    restarts,
  ];
  return `| ${[...cells, violations.length].join(' | ')} |`;
}

function violationList(results: readonly SeedResult[]): string {
  const lines = results.flatMap(({ seed, violations }) =>
    violations.map(({ property, what }) => `- seed ${seed}, ${property}: ${what}`),
  );
  return lines.length === 0 ? '' : `\n## Violations\n\n${lines.join('\n')}\n`;
}
