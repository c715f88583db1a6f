import type { Command } from 'commander';
import type { RecordingReportAnswer, TaskDetailAnswer } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { collect, pipelineRefOf, wholeNumber } from '../experiment/values.js';
import { ask, requireDone } from '../task/ask.js';
import { recordingReportOf, recordingReportText } from '../task/report-text.js';
import { print, type Terminal } from '../terminal.js';

interface CaptureOptions {
  readonly seconds: string;
  readonly baseline?: string;
  readonly param: readonly string[];
  readonly within?: string;
  readonly wait: boolean;
}

/** `phoenix recording capture <host>`. */
export function addCapture(recording: Command, terminal: () => Terminal): void {
  recording
    .command('capture <host>')
    .description('record what a host is scraped of, beside what runs; nothing is exported, nothing changes')
    .option('--seconds <n>', 'how long to record, 10 to 300', '60')
    .option(
      '--baseline <pipeline>',
      'record what the source of this pipeline scrapes: a template, or pipeline:<id>@<version>',
    )
    .option('--param <key=value>', 'a parameter of that template; may be given again', collect, [])
    .option('--within <seconds>', 'the task expires after this long; 300 and what it takes when left out')
    .option('--no-wait', 'do not wait for the result')
    .action((host: string, options: CaptureOptions) => capture(terminal(), host, options));
}

async function capture(terminal: Terminal, host: string, options: CaptureOptions): Promise<void> {
  const onNote = terminal.json ? undefined : terminal.out;
  const ended = await ask({ terminal, host, wait: options.wait, ...(onNote && { onNote }) }, bodyOf(options));
  if (ended === undefined) return;
  const report = recordingReportOf(ended.detail);
  print(terminal, report === undefined ? ended : { ...ended, report }, () => words(ended, report));
  requireDone(ended);
}

/** @throws UsageError */
function bodyOf({ baseline, param, seconds, within }: CaptureOptions): Readonly<Record<string, unknown>> {
  if (baseline === undefined && param.length > 0) throw new UsageError('--param needs --baseline <template>');
  return {
    kind: 'RecordMetrics',
    seconds: wholeNumber('--seconds', seconds),
    ...(baseline !== undefined && {
      baseline: pipelineRefOf('--baseline', baseline, { option: '--param', given: param }),
    }),
    ...(within !== undefined && { deadlineSeconds: wholeNumber('--within', within) }),
  };
}

function words({ detail, phase }: TaskDetailAnswer, report: RecordingReportAnswer | undefined): string {
  if (report?.recording === undefined || report.recording === null) return detail ?? phase;
  const { recording } = report;
  return [
    recordingReportText(report),
    `use:    phoenix pipeline preview --candidate topk --recording ${recording}`,
    `undo:   phoenix recording delete ${recording}`,
  ].join('\n');
}
