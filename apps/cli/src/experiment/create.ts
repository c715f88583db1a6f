import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { UsageError } from '../exit-codes.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';

interface CreateOptions {
  readonly name: string;
  readonly baseline: string;
  readonly candidate: string;
  readonly param: readonly string[];
  readonly host: readonly string[];
  readonly label: readonly string[];
  readonly critical?: string;
  readonly warmup: string;
  readonly duration: string;
  readonly minimum?: string;
  readonly minReduction: string;
  readonly tariff: string;
}

const collect = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];

/** `phoenix experiment create`: drafts an experiment; nothing runs until it is started. */
export function addCreate(parent: Command, terminal: () => Terminal): void {
  parent
    .command('create')
    .description('describe an experiment; nothing runs until it is started')
    .requiredOption('--name <name>', 'what it is called')
    .option('--baseline <template>', 'the pipeline that pays the bill today', 'baseline')
    .requiredOption('--candidate <template>', 'the pipeline that should replace it')
    .option('--param <key=value>', 'parameter of the candidate (repeatable)', collect, [])
    .option('--host <id>', 'target host (repeatable)', collect, [])
    .option('--label <key=value>', 'target hosts by label (repeatable)', collect, [])
    .option('--critical <names>', 'processes that must not get lost, separated by commas')
    .option('--warmup <seconds>', 'warm-up', '20')
    .option('--duration <seconds>', 'measurement; the conclusion comes at its end', '120')
    .option('--minimum <seconds>', 'measure at least this long; the duration when left out')
    .option('--min-reduction <share>', 'success: series reduced by at least this share', '0.2')
    .option('--tariff <id>', 'price book to report in', 'grafana-cloud-pro')
    .action(async (options: CreateOptions) => {
      const body = { spec: specOf(options) };
      const session = await openSession();
      const created = await session.post<{ readonly id: string; readonly position: string }>('/experiments', {
        body: body.spec,
        idempotencyKey: randomUUID(),
      });
      print(terminal(), created, () =>
        [
          `drafted ${created.id}`,
          `start:  phoenix experiment start ${created.id}`,
          `undo:   phoenix experiment archive ${created.id}`,
        ].join('\n'),
      );
    });
}

function specOf(options: CreateOptions): unknown {
  const labels = pairs(options.label);
  if (options.host.length === 0 && Object.keys(labels).length === 0)
    throw new UsageError('say which hosts take part: --host <id> or --label <key=value>');
  const duration = wholeNumber('--duration', options.duration);
  return {
    name: options.name,
    baseline: { kind: 'template', template: options.baseline, parameters: {} },
    candidate: { kind: 'template', template: options.candidate, parameters: parametersOf(options.param) },
    targets: {
      ...(options.host.length === 0 ? {} : { hosts: options.host }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
    },
    schedule: {
      warmupSeconds: wholeNumber('--warmup', options.warmup),
      minimumSeconds: options.minimum === undefined ? duration : wholeNumber('--minimum', options.minimum),
      maximumSeconds: duration,
      deploySeconds: 120,
    },
    criticalProcesses: options.critical?.split(',').map((name) => name.trim()) ?? [],
    guardrails: [
      { kpi: 'criticalCoverage', margin: 0 },
      { kpi: 'processCoverage', margin: 0.05 },
    ],
    success: { kpi: 'activeSeries', minimumReduction: share(options.minReduction) },
    confidence: 0.95,
    tariff: options.tariff,
  };
}

function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
      if (key === undefined || value === undefined) throw new UsageError(`"${text}" is not key=value`);
      return [key, value];
    }),
  );
}

/** Numbers and booleans are sent as such; the server judges them against the template. */
function parametersOf(texts: readonly string[]): Record<string, unknown> {
  const literal = (value: string): unknown =>
    /^(true|false|-?\d+(\.\d+)?)$/.test(value) ? JSON.parse(value) : value;
  return Object.fromEntries(Object.entries(pairs(texts)).map(([key, value]) => [key, literal(value)]));
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${option} takes a whole number of seconds, not "${text}"`);
  return Number(text);
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1))
    throw new UsageError(`--min-reduction takes a share from 0 to 1, not "${text}"`);
  return value;
}
