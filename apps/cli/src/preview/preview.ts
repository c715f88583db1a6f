import { Option, type Command } from 'commander';
import type { PreviewAnswer } from '#lib/client';
import { CriticalLost, UsageError } from '../exit-codes.js';
import { parametersOf } from '../experiment/values.js';
import { addFleetOptions, fleetIn, type FleetOptions } from '../recording/fleet-options.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';

interface PreviewOptions extends FleetOptions {
  readonly baseline: string;
  readonly candidate: string;
  readonly set: readonly string[];
  readonly baselineSet: readonly string[];
  readonly recording?: readonly string[];
  readonly tariff?: string;
  readonly critical: readonly string[];
  readonly json?: boolean;
}

/** `phoenix pipeline preview`: the card, or everything as JSON. */
export function addPreview(pipeline: Command, terminal: () => Terminal): void {
  addFleetOptions(pipeline.command('preview'))
    .description('what a candidate would lose, from a recording or a made-up fleet; no host is touched')
    .option('--baseline <template>', 'the pipeline that pays the bill today', 'baseline')
    .requiredOption('--candidate <template>', 'the pipeline that should replace it')
    .option('--set <key=value...>', 'parameters of the candidate', [])
    .option('--baseline-set <key=value...>', 'parameters of the baseline', [])
    .option('--recording <id...>', 'play this recording, or those of several hosts as one fleet')
    .option('--tariff <id>', 'price both under this tariff')
    .option('--critical <name...>', 'executables that must never vanish', [])
    .addOption(new Option('--json', 'everything, as JSON').conflicts('md'))
    .option('--md', 'the card, as Markdown; that is what is printed anyway')
    .action((options: PreviewOptions) => preview(terminal(), options));
}

async function preview(terminal: Terminal, options: PreviewOptions): Promise<void> {
  const body = bodyOf(options);
  const session = await openSession();
  const answer = await session.post<PreviewAnswer>('/pipelines/preview', { body });
  print({ ...terminal, json: terminal.json || options.json === true }, answer, () => answer.card.trimEnd());
  const lost = answer.report.critical.filter(({ outcome }) => outcome === 'lost').map(({ name }) => name);
  if (lost.length > 0) throw new CriticalLost(lost);
}

/** @throws UsageError */
function bodyOf(options: PreviewOptions): Readonly<Record<string, unknown>> {
  const { baseline, baselineSet, candidate, critical, recording, set, tariff } = options;
  const fleet = fleetIn(options);
  if (recording !== undefined && fleet !== undefined)
    throw new UsageError('play a recording or a made-up fleet, not both');
  const reference = (template: string, given: readonly string[]) => ({
    ...{ kind: 'template', template, parameters: parametersOf(given) },
  });
  return {
    baseline: reference(baseline, baselineSet),
    candidate: reference(candidate, set),
    criticalProcesses: critical,
    ...(recording !== undefined && { recordings: recording }),
    ...(fleet !== undefined && { fleet }),
    ...(tariff !== undefined && { tariff }),
  };
}
