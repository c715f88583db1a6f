import type { Command } from 'commander';
import { wholeNumber } from '../experiment/values.js';
import { print, type Terminal } from '../terminal.js';
import { ask, requireDone } from './ask.js';
import { reportText } from './report-text.js';

interface SimulateOptions {
  readonly profile: string;
  readonly seconds: string;
  readonly processes: string;
  readonly within?: string;
  readonly wait: boolean;
}

/** `phoenix task simulate <host>`. */
export function addSimulate(task: Command, terminal: () => Terminal): void {
  task
    .command('simulate <host>')
    .description('run made-up load on a host: real processes with hard caps, at most a quarter of its CPUs')
    .option('--profile <name>', 'realistic, high-cardinality, spike, process-churn or steady', 'realistic')
    .option('--seconds <n>', 'how long, 10 to 3600', '60')
    .option('--processes <n>', 'how many at once, 1 to 200', '20')
    .option('--within <seconds>', 'the task expires after this long; 300 and what it takes when left out')
    .option('--no-wait', 'do not wait for the result')
    .action((host: string, options: SimulateOptions) => simulate(terminal(), host, options));
}

async function simulate(terminal: Terminal, host: string, options: SimulateOptions): Promise<void> {
  const { processes, profile, seconds, wait, within } = options;
  const body = {
    ...{ kind: 'Simulate', profile, seconds: wholeNumber('--seconds', seconds) },
    processes: wholeNumber('--processes', processes),
    ...(within !== undefined && { deadlineSeconds: wholeNumber('--within', within) }),
  };
  const onNote = terminal.json ? undefined : terminal.out;
  const ended = await ask({ terminal, host, wait, ...(onNote && { onNote }) }, body);
  if (ended === undefined) return;
  print(terminal, ended, () =>
    ended.detail === null ? ended.phase : (reportText(ended.detail) ?? ended.detail),
  );
  requireDone(ended);
}
