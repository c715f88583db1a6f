import { errorFinding, type Finding } from '../findings.js';
import type { Grouping } from './merging.js';
import type { NameSelection } from './naming.js';
import type { PipelineSpec, Processor, ProcessorKind, ProcessorOf } from './pipeline-spec.js';
import { compilePattern } from './regex.js';
import { selecting } from './selection-rules.js';

/**
 * What the process scraper tells series of one metric apart by. Executables, owners and the like follow from the
 * pid, so they may go, until a merging has taken the pid away.
 */
const ofProcesses = { point: ['state', 'direction'], resource: ['process.pid', 'host.id'] } as const;
/** What the scrapers of the machine tell their points apart by beside these. */
const ofMachine = ['cpu', 'device', 'mode', 'mountpoint', 'protocol', 'status', 'type'] as const;
/** Who pushed or was read. Of the points of others nobody knows what tells them apart, so any attribute may. */
const ofServices = ['service.name', 'service.namespace', 'service.instance.id'] as const;

type AttributeRemoval = ProcessorOf<'dropAttributes'> | ProcessorOf<'keepAttributes'>;

/** Warns where attributes go that tell series apart, unless points that meet are aggregated later. */
export function seriesMayCollide({ processors, source }: PipelineSpec): readonly Finding[] {
  return processors.flatMap((processor, index) => {
    if (processor.kind !== 'dropAttributes' && processor.kind !== 'keepAttributes') return [];
    const before = processors.slice(0, index);
    if (!losesIdentity(processor, source, before) || meetLater(processor, processors.slice(index))) return [];
    return [
      {
        rule: 'series-may-collide',
        severity: 'warning',
        path: `processors.${index}.attributes`,
        message:
          'series that differ in these attributes only are sent as one, with points that contradict each other',
        fix:
          processor.on === 'point'
            ? 'Use aggregateAttributes, or put one after it.'
            : source.kind === 'hostmetrics'
              ? `Keep ${ofProcesses.resource.join(' and ')}, or use mergeProcesses.`
              : `Keep ${ofServices.join(', ')}.`,
      },
    ];
  });
}

function losesIdentity(
  { attributes, kind, on }: AttributeRemoval,
  source: PipelineSpec['source'],
  before: readonly Processor[],
): boolean {
  const takes = (key: string): boolean => isPicked(attributes, key) === (kind === 'dropAttributes');
  if (source.kind !== 'hostmetrics') return on === 'point' || ofServices.some(takes);
  const more = on === 'resource' ? groupKeys(before) : source.system === undefined ? [] : ofMachine;
  return [...ofProcesses[on], ...more].some(takes);
}

/** What merged groups are told apart by; classes given before the merging may part a group of the built-in ones. */
function groupKeys(before: readonly Processor[]): readonly string[] {
  const merge = before.findIndex((processor) => mergedBy(processor) !== undefined);
  const by = before.map(mergedBy)[merge];
  if (by === undefined) return [];
  if (by === 'executable') return ['process.executable.name'];
  const given = before
    .slice(0, merge)
    .flatMap((one) => (one.kind === 'classifyProcesses' ? [one.attribute] : []));
  return ['process.class', ...given];
}

/** How a processor merges processes, `undefined` where it does not. */
function mergedBy(processor: Processor): Grouping | undefined {
  if (processor.kind === 'mergeProcesses') return processor.by;
  return 'others' in processor ? processor.others : undefined;
}

/** Warns where processes get their class only after most of them have been merged. */
export function classesBeforeMerging({ processors }: PipelineSpec): readonly Finding[] {
  const merge = processors.findIndex((processor) => mergedBy(processor) !== undefined);
  if (merge < 0) return [];
  return processors.flatMap(({ kind }, index) =>
    kind !== 'classifyProcesses' || index < merge
      ? []
      : [
          {
            rule: 'classified-after-merging',
            severity: 'warning',
            path: `processors.${index}`,
            message: 'merged processes are no single processes any more and get no class',
            fix: `Put ${kind} before processors.${merge}.`,
          },
        ],
  );
}

function meetLater(removal: AttributeRemoval, after: readonly Processor[]): boolean {
  return (
    removal.on === 'point' &&
    after.some(({ kind, ...rest }) => kind === 'aggregateAttributes' && !('metrics' in rest))
  );
}

function isPicked({ names, patterns }: NameSelection, key: string): boolean {
  return names.includes(key) || patterns.some((pattern) => compilePattern(pattern).test(key));
}

/** Reductions of processes know them by the names and attributes of the scraper, and counters by their totals. */
export function reductionsBeforeChanges({ processors }: PipelineSpec): readonly Finding[] {
  const change = processors.findIndex(changesWhatReductionsRead);
  if (change < 0) return [];
  return processors.flatMap(({ kind }, index) =>
    index < change || !readsProcesses.has(kind)
      ? []
      : [
          errorFinding(
            'reduction-after-change',
            `processors.${index}`,
            `${kind} no longer finds what processors.${change} has changed`,
            `Put ${kind} before it.`,
          ),
        ],
  );
}

const readsProcesses: ReadonlySet<ProcessorKind> = new Set([
  ...selecting,
  'mergeProcesses',
  'classifyProcesses',
]);
const changesMetrics: ReadonlySet<ProcessorKind> = new Set([
  'renameMetrics',
  'cumulativeToDelta',
  // Reductions work on whole scrapes, and what was held back comes apart from what passed.
  'interval',
  // Merging and ranking read resources as the scraper wrote them.
  'resourceDetection',
]);
const changesAttributes: ReadonlySet<ProcessorKind> = new Set([
  'dropAttributes',
  'keepAttributes',
  'renameAttributes',
]);

function changesWhatReductionsRead(processor: Processor): boolean {
  const ofResource = 'on' in processor && processor.on === 'resource';
  return changesMetrics.has(processor.kind) || (ofResource && changesAttributes.has(processor.kind));
}
