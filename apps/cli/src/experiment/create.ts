import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Accepted } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { openSession } from '../session.js';
import type { Terminal } from '../terminal.js';
import { announce, watching } from './change.js';
import { collect, namesIn, pairs, pipelineRefOf, targetsOf, wholeNumber } from './values.js';

interface CreateOptions {
  readonly name: string;
  readonly baseline: string;
  readonly candidate: string;
  readonly param: readonly string[];
  readonly host: readonly string[];
  readonly label: readonly string[];
  readonly critical?: string;
  readonly guardrail: readonly string[];
  readonly warmup: string;
  readonly duration: string;
  readonly minimum?: string;
  readonly minReduction: string;
  readonly tariff: string;
  readonly maxMemory?: string;
  readonly maxCpu?: string;
}

/** `phoenix experiment create`: drafts an experiment; nothing runs until it is started. */
export function addCreate(parent: Command, terminal: () => Terminal): void {
  parent
    .command('create')
    .description('describe an experiment; nothing runs until it is started')
    .requiredOption('--name <name>', 'what it is called')
    .option(
      '--baseline <pipeline>',
      'the pipeline that pays the bill today: a template, or pipeline:<id>@<version> of the catalogue',
      'baseline',
    )
    .requiredOption('--candidate <pipeline>', 'the pipeline that should replace it, likewise')
    .option('--param <key=value>', 'parameter of a template as candidate (repeatable)', collect, [])
    .option('--host <id>', 'target host (repeatable)', collect, [])
    .option('--label <key=value>', 'target hosts by label (repeatable)', collect, [])
    .option('--critical <names>', 'processes that must not get lost, separated by commas')
    .option(
      '--guardrail <kpi=margin>',
      'what may get worse by so much at most: criticalCoverage, processCoverage, collectorCpu or collectorMemory (repeatable; default: criticalCoverage=0 and processCoverage=0.05)',
      collect,
      [],
    )
    .option('--warmup <seconds>', 'warm-up', '20')
    .option('--duration <seconds>', 'measurement; the conclusion comes at its end', '120')
    .option('--minimum <seconds>', 'measure at least this long; the duration when left out')
    .option('--min-reduction <share>', 'success: series reduced by at least this share', '0.2')
    .option('--tariff <id>', 'price book to report in', 'grafana-cloud-pro')
    .option('--max-memory <MiB>', 'hosts take a candidate back that stays above this')
    .option('--max-cpu <percent>', 'hosts take a candidate back that stays above this share of a core')
    .action(async (options: CreateOptions) => {
      const body = { spec: specOf(options) };
      const session = await openSession();
      const created = await session.post<Accepted>('/experiments', {
        body: body.spec,
        idempotencyKey: randomUUID(),
      });
      await announce(terminal(), session, created, {
        done: `drafted ${created.id}`,
        next: `phoenix experiment start ${created.id}`,
        watch: watching(created.id),
        undo: `phoenix experiment archive ${created.id}`,
      });
    });
}

function specOf(options: CreateOptions): unknown {
  const targets = targetsOf(options.host, options.label);
  if (targets === undefined)
    throw new UsageError('say which hosts take part: --host <id> or --label <key=value>');
  const duration = wholeNumber('--duration', options.duration);
  return {
    name: options.name,
    baseline: pipelineRefOf('--baseline', options.baseline, { option: '--param', given: [] }),
    candidate: pipelineRefOf('--candidate', options.candidate, { option: '--param', given: options.param }),
    targets,
    schedule: {
      warmupSeconds: wholeNumber('--warmup', options.warmup),
      minimumSeconds: options.minimum === undefined ? duration : wholeNumber('--minimum', options.minimum),
      maximumSeconds: duration,
      deploySeconds: 120,
    },
    criticalProcesses: namesIn(options.critical ?? ''),
    guardrails: guardrailsOf(options.guardrail),
    success: { kpi: 'activeSeries', minimumReduction: share(options.minReduction) },
    confidence: 0.95,
    tariff: options.tariff,
    ...limitsOf(options),
  };
}

/** Whoever names one names them all. The server knows which there are. */
function guardrailsOf(given: readonly string[]): readonly object[] {
  const named = given.length > 0 ? given : ['criticalCoverage=0', 'processCoverage=0.05'];
  return Object.entries(pairs(named)).map(([kpi, text]) => {
    const margin = Number(text);
    if (text === '' || !(margin >= 0))
      throw new UsageError(`--guardrail takes a share as margin, not "${text}"`);
    return { kpi, margin };
  });
}

function limitsOf({ maxCpu, maxMemory }: CreateOptions): object {
  if (maxCpu === undefined && maxMemory === undefined) return {};
  const memory = maxMemory && { rssBytes: wholeNumber('--max-memory', maxMemory) * 2 ** 20 };
  const cpu = maxCpu && { percent: wholeNumber('--max-cpu', maxCpu) };
  return { limits: { ...(memory && { memory }), ...(cpu && { cpu }) } };
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1))
    throw new UsageError(`--min-reduction takes a share from 0 to 1, not "${text}"`);
  return value;
}
