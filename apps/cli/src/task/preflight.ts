import type { Command } from 'commander';
import type { PreflightReportAnswer, TaskDetailAnswer } from '#lib/client';
import { PreflightNotPassed, UsageError } from '../exit-codes.js';
import { collect, namesIn, pipelineRefOf, wholeNumber } from '../experiment/values.js';
import { print, type Terminal } from '../terminal.js';
import { ask, requireDone } from './ask.js';
import { preflightOf, preflightText } from './report-text.js';

interface PreflightOptions {
  readonly baseline?: string;
  readonly candidate?: string;
  readonly baselineParam: readonly string[];
  readonly param: readonly string[];
  readonly critical?: string;
  readonly seconds: string;
  readonly within?: string;
  readonly wait: boolean;
  readonly md?: boolean;
}

/** `phoenix task preflight <host>`. */
export function addPreflight(task: Command, terminal: () => Terminal): void {
  task
    .command('preflight <host>')
    .description('try pipelines on a host beside what runs; nothing is exported, nothing changes')
    .option('--baseline <pipeline>', 'what pays the bill today: a template, or pipeline:<id>@<version>')
    .option('--candidate <pipeline>', 'what should replace it, likewise')
    .option('--baseline-param <key=value>', 'a parameter of the baseline; may be given again', collect, [])
    .option('--param <key=value>', 'a parameter of the candidate; may be given again', collect, [])
    .option('--critical <names>', 'executables that must never vanish, with commas between')
    .option('--seconds <n>', 'how long to measure, 10 to 300', '30')
    .option('--within <seconds>', 'the task expires after this long; 300 and what it takes when left out')
    .option('--no-wait', 'do not wait for the result')
    .option('--md', 'what would be lost, as Markdown, instead of the figures')
    .action((host: string, options: PreflightOptions) => preflight(terminal(), host, options));
}

async function preflight(terminal: Terminal, host: string, options: PreflightOptions): Promise<void> {
  const body = bodyOf(options);
  const onNote = terminal.json || options.md === true ? undefined : terminal.out;
  const ended = await ask({ terminal, host, wait: options.wait, ...(onNote && { onNote }) }, body);
  if (ended === undefined) return;
  const report = preflightOf(ended.detail);
  print(terminal, report === undefined ? ended : { ...ended, report }, () =>
    wordsOf(ended, options.md === true),
  );
  requireDone(ended);
  const problem = report && problemOf(report);
  if (problem !== undefined) throw new PreflightNotPassed(problem);
}

function wordsOf({ card, detail, phase }: TaskDetailAnswer, isCard: boolean): string {
  const report = preflightOf(detail);
  if (report === undefined) return detail ?? phase;
  if (!isCard) return preflightText(report);
  return card?.trimEnd() ?? 'There is no card: both pipelines must have run and sent.';
}

/** @throws UsageError */
function bodyOf(options: PreflightOptions): Readonly<Record<string, unknown>> {
  const { critical, seconds, within } = options;
  return {
    kind: 'Preflight',
    ...pipelinesOf(options),
    ...(critical !== undefined && { criticalProcesses: namesIn(critical) }),
    seconds: wholeNumber('--seconds', seconds),
    ...(within !== undefined && { deadlineSeconds: wholeNumber('--within', within) }),
  };
}

/** @throws UsageError */
function pipelinesOf({ baseline, baselineParam, candidate, param }: PreflightOptions): object {
  if (baseline === undefined && candidate === undefined)
    throw new UsageError('say which pipelines: --baseline <pipeline>, --candidate <pipeline> or both');
  return {
    ...reference('baseline', baseline, { option: '--baseline-param', given: baselineParam }),
    ...reference('candidate', candidate, { option: '--param', given: param }),
  };
}

/** @throws UsageError for parameters of a pipeline that is not tried */
function reference(
  variant: string,
  template: string | undefined,
  { given, option }: { readonly option: string; readonly given: readonly string[] },
): object {
  if (template !== undefined)
    return { [variant]: pipelineRefOf(`--${variant}`, template, { option, given }) };
  if (given.length > 0) throw new UsageError(`${option} needs --${variant} <pipeline>`);
  return {};
}

/** What a script must not overlook. */
function problemOf({ comparison, variants }: PreflightReportAnswer): string | undefined {
  const broken = variants.find(({ verdict }) => verdict !== 'ran');
  if (broken !== undefined)
    return `the ${broken.variant} ${broken.verdict === 'refused' ? 'is refused' : 'failed'}`;
  const lost = comparison?.lostCritical ?? [];
  return lost.length === 0 ? undefined : `critical processes are lost: ${lost.join(', ')}`;
}
