import { errorFinding, type Finding } from '../findings.js';
import { receiverIsOffered, type OfferedReceivers } from './component-rules.js';
import { hostIdStays, systemIsAsked } from './detection-rules.js';
import { classesBeforeMerging, reductionsBeforeChanges, seriesMayCollide } from './generic-rules.js';
import { metricsAreThere, processesAreThere } from './metric-rules.js';
import { doorsApart } from './one-ingress.js';
import { pipelineSpecSchema, processorOf, type PipelineSpec, type ProcessorKind } from './pipeline-spec.js';
import { shapeFindings } from './shape-findings.js';
import { limitsMakeSense, oneReduction, rankingMetrics, selecting } from './selection-rules.js';

/**
 * Every finding of a specification: its shape first, and where that is right, how its parts fit together.
 * @param collector what the collector it is for offers; without it, what the pinned one does
 */
export function validateSpec(input: unknown, collector?: OfferedReceivers): readonly Finding[] {
  const parsed = pipelineSpecSchema.safeParse(input);
  if (parsed.success)
    return [
      ...structuralRules.flatMap((rule) => rule(parsed.data)),
      ...receiverIsOffered(parsed.data, collector),
    ];
  return shapeFindings(pipelineSpecSchema, input, parsed.error);
}

/** Processors that do a duty of the whole pipeline; the others may work on its data one after another. */
const onlyOnce: ReadonlySet<ProcessorKind> = new Set([
  'memoryLimiter',
  ...selecting,
  'mergeProcesses',
  'identifyHost',
  'batch',
]);

type StructuralRule = (spec: PipelineSpec) => readonly Finding[];

const structuralRules: readonly StructuralRule[] = [
  duplicateProcessors,
  memoryLimiterFirst,
  batchLast,
  hostIdentity,
  oneReduction,
  rankingMetrics,
  limitsMakeSense,
  seriesMayCollide,
  reductionsBeforeChanges,
  classesBeforeMerging,
  hostIdStays,
  systemIsAsked,
  processesAreThere,
  metricsAreThere,
  doorsApart,
];

function duplicateProcessors({ processors }: PipelineSpec): readonly Finding[] {
  const kinds = processors.map(({ kind }) => kind);
  return kinds.flatMap((kind, index) =>
    !onlyOnce.has(kind) || kinds.indexOf(kind) === index
      ? []
      : [
          errorFinding(
            'duplicate-processor',
            `processors.${index}`,
            `${kind} is used twice`,
            'Keep one of them.',
          ),
        ],
  );
}

function memoryLimiterFirst({ processors }: PipelineSpec): readonly Finding[] {
  const at = processors.findIndex(({ kind }) => kind === 'memoryLimiter');
  if (at === 0) return [];
  const message =
    at < 0 ? 'no memory limiter protects the host' : 'the memory limiter can only refuse what it sees first';
  return [
    errorFinding(
      'memory-limiter-first',
      `processors.${Math.max(at, 0)}`,
      message,
      'Put memoryLimiter first.',
    ),
  ];
}

function batchLast({ processors }: PipelineSpec): readonly Finding[] {
  const at = processors.findIndex(({ kind }) => kind === 'batch');
  if (at < 0 || at === processors.length - 1) return [];
  // A batch may end in the middle of a scrape, and merging needs whole scrapes.
  const message = 'a processor after the batch sees scrapes torn apart';
  return [errorFinding('batch-last', `processors.${at}`, message, 'Put batch last.')];
}

function hostIdentity(spec: PipelineSpec): readonly Finding[] {
  if (processorOf(spec, 'identifyHost') !== undefined) return [];
  const message = 'hosts cannot be told apart in the output';
  return [errorFinding('host-identity-missing', 'processors', message, 'Add identifyHost before batch.')];
}
