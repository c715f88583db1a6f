import type { Metric, Result } from './bench.js';
import type { Machine } from '#tools/house';
import { markdownTable } from './report.js';

/** `docs/benchmarks.md`. @param date ISO 8601, the day counts */
export function page(
  results: readonly Result[],
  metrics: readonly Metric[],
  about: { readonly machine: Machine; readonly date: string },
): string {
  const { cpu, cores, memoryGiB, system, node, commit } = about.machine;
  return `# Benchmarks

Written by \`npm run bench -- --write\`; missed targets stay in the table.
Every ceiling was measured in the same run as the figure beside it: the same work with everything of Phoenix left
out. Both take turns over several short rounds, and the medians are shown. Absolute figures say much about the machine,
ratios little.

- ${about.date.slice(0, 10)}, commit \`${commit}\`
- ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}
- Node.js ${node}

${markdownTable(results, metrics)}
`;
}
