import { z } from 'zod';
import { destinationProfileSchema, type DestinationProfile } from '../destinations/profile.js';
import { secretsOf } from '../destinations/secrets-of.js';
import { validateDestination } from '../destinations/validate-destination.js';
import { errorFinding, type Finding } from '../findings.js';
import type { PipelineSpec } from '../spec/pipeline-spec.js';
import { isSelecting } from '../spec/selection-rules.js';
import { validateSpec } from '../spec/validate-spec.js';
import { healthPort, metricsPort } from './standalone-config.js';

/** A name that Kubernetes takes for every kind of object and label. */
const label = z
  .string()
  .regex(/^[a-z](?:[-a-z0-9]{0,40}[a-z0-9])?$/, 'is no name of Kubernetes: up to 42 of a-z, 0-9 and -');

const image = z
  .string()
  .max(500)
  .regex(/^[a-z0-9][A-Za-z0-9._/:-]*(?:@sha256:[0-9a-f]{64})?$/, 'is no image');

/** Where and as what a pipeline is to run in a cluster. */
export const placementSchema = z
  .strictObject({
    name: label.default('phoenix-pipeline'),
    namespace: label.default('phoenix'),
    /** A collector that offers the components of the pipeline; the contrib distribution does. */
    image: image.default('otel/opentelemetry-collector-contrib:0.149.0'),
  })
  .readonly();

export type Placement = z.output<typeof placementSchema>;

/** What is exported: a pipeline with its destination and its place. */
export type ExportRequest = {
  readonly spec: PipelineSpec;
  readonly destination: DestinationProfile;
  readonly placement: Placement;
  readonly criticalProcesses: readonly string[];
};

const ownPorts: readonly number[] = [metricsPort, healthPort];

/** Every finding of what is to be exported; warnings do not keep it from being exported. */
export function validateExport(request: {
  readonly spec: PipelineSpec;
  readonly destination: unknown;
  readonly placement: unknown;
}): readonly Finding[] {
  return [
    ...validateSpec(request.spec),
    ...under('destination', validateDestination(request.destination)),
    ...under('placement', placementFindings(request.placement)),
    ...clusterSecrets(request.destination),
    ...needsAgent(request.spec),
    ...portsApart(request.spec),
  ];
}

function placementFindings(input: unknown): readonly Finding[] {
  const parsed = placementSchema.safeParse(input);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) =>
    errorFinding('schema', issue.path.join('.'), issue.message, 'Give a value that Kubernetes allows.'),
  );
}

/** A file of the author's machine is not in a container. */
function clusterSecrets(destination: unknown): readonly Finding[] {
  const parsed = destinationProfileSchema.safeParse(destination);
  if (!parsed.success) return [];
  return secretsOf(parsed.data)
    .filter((reference) => typeof reference === 'string' && reference.startsWith('${file:'))
    .map((reference) =>
      errorFinding(
        'schema',
        'destination',
        `${JSON.stringify(reference)} has no meaning in a cluster`,
        'Use ${env:NAME} or a key of a Kubernetes Secret.',
      ),
    );
}

function needsAgent({ processors }: PipelineSpec): readonly Finding[] {
  return processors.flatMap((processor, index): readonly Finding[] =>
    isSelecting(processor)
      ? [
          {
            rule: 'needs-agent',
            severity: 'warning',
            path: `processors.${index}`,
            message: 'the set of processes is computed by an agent; without one every process is kept',
            fix: 'Deploy this pipeline by Phoenix, or export one that a stock collector can do, such as aggregated.',
          },
        ]
      : [],
  );
}

/** In a container the collector has two ports of its own. */
function portsApart({ source }: PipelineSpec): readonly Finding[] {
  if (source.kind !== 'otlp') return [];
  return (['port', 'grpcPort'] as const).flatMap((name) => {
    const port = source[name];
    if (port === undefined || !ownPorts.includes(port)) return [];
    return [
      errorFinding(
        'ingress-port-taken',
        `source.${name}`,
        `an exported collector uses port ${port} itself`,
        `Give another port than ${ownPorts.join(' and ')}.`,
      ),
    ];
  });
}

function under(path: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({
    ...finding,
    path: finding.path === '' ? path : `${path}.${finding.path}`,
  }));
}
