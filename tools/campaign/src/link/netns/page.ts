import { TCP_COUNTERS } from './counters.js';
import type { Sighting } from './sightings.js';

const LINK_COUNTERS = ['carrierDowns', 'overlimits', 'drops'] as const;
const COLUMNS = ['fault', 'times', 'seen', ...LINK_COUNTERS, ...TCP_COUNTERS] as const;

/** What the kernel saw, as a part of the results page. */
export function kernelSection(sightings: readonly Sighting[]): string {
  return `
## What the kernel saw

| ${COLUMNS.join(' | ')} |
| --- | ${COLUMNS.slice(1)
    .map(() => '--:')
    .join(' | ')} |
${sightings.map(row).join('\n')}

\`seen\` says how many of the faults the kernel's own counters bear out; a fault that is not seen was none. The first
three counters are those of the link: carriers that the node lost, packets that a queue held back, packets dropped. The
others are TCP's, in the namespace of the struck host or leaf, while the fault lasted. What the hub's namespace counted meanwhile, of
all its links; \`staleConnections\` are those that the hub itself gave up because no pong came:

${sightings.map(({ hub, kind }) => `- ${kind}: ${hubText(hub)}`).join('\n')}
`;
}

function row({ kind, link, seen, tcp, times }: Sighting): string {
  const cells = [
    ...LINK_COUNTERS.map((name) => link[name] ?? 0),
    ...TCP_COUNTERS.map((name) => tcp[name] ?? 0),
  ];
  return `| ${[kind, times, seen, ...cells].join(' | ')} |`;
}

function hubText(hub: Readonly<Record<string, number>>): string {
  const counted = Object.entries(hub).filter(([, value]) => value !== 0);
  return counted.length === 0 ? 'nothing' : counted.map(([name, value]) => `${name} ${value}`).join(', ');
}
