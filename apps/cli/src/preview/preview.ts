import { Option, type Command } from 'commander';
import type { PreviewAnswer } from '#lib/client';
import { CriticalLost, UsageError } from '../exit-codes.js';
import { collect, namesIn, pipelineRefOf } from '../experiment/values.js';
import { addFleetOptions, fleetIn, type FleetOptions } from '../recording/fleet-options.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';

interface PreviewOptions extends FleetOptions {
  readonly baseline: string;
  readonly candidate: string;
  readonly param: readonly string[];
  readonly baselineParam: readonly string[];
  readonly recording?: readonly string[];
  readonly tariff?: string;
  readonly critical?: string;
  readonly json?: boolean;
}

/** `phoenix pipeline preview`: the card, or everything as JSON. */
export function addPreview(pipeline: Command, terminal: () => Terminal): void {
  addFleetOptions(pipeline.command('preview'))
    .description('what a candidate would lose, from a recording or a made-up fleet; no host is touched')
    .option(
      '--baseline <pipeline>',
      'what pays the bill today: a template, or pipeline:<id>@<version>',
      'baseline',
    )
    .requiredOption('--candidate <pipeline>', 'what should replace it, likewise')
    .option('--baseline-param <key=value>', 'a parameter of the baseline; may be given again', collect, [])
    .option('--param <key=value>', 'a parameter of the candidate; may be given again', collect, [])
    .option('--recording <id...>', 'play this recording, or those of several hosts as one fleet')
    .option('--tariff <id>', 'price both under this tariff')
    .option('--critical <names>', 'executables that must never vanish, with commas between')
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
  const { baseline, baselineParam, candidate, critical, param, recording, tariff } = options;
  const fleet = fleetIn(options);
  if (recording !== undefined && fleet !== undefined)
    throw new UsageError('play a recording or a made-up fleet, not both');
  return {
    baseline: pipelineRefOf('--baseline', baseline, { option: '--baseline-param', given: baselineParam }),
    candidate: pipelineRefOf('--candidate', candidate, { option: '--param', given: param }),
    ...(critical !== undefined && { criticalProcesses: namesIn(critical) }),
    ...(recording !== undefined && { recordings: recording }),
    ...(fleet !== undefined && { fleet }),
    ...(tariff !== undefined && { tariff }),
  };
}
