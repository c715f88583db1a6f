import { errorFinding, type Finding } from '../findings.js';
import { otlpSource } from './otlp-source.js';
import type { PipelineSpec } from './pipeline-spec.js';

/** A specification, or what is stored of one whose other texts depend on the host. */
type Sourced = { readonly source?: unknown };

/**
 * Finds two pipelines of one experiment that applications would have to push to twice, or that would leave them
 * without a port once the candidate is all there is.
 */
export function oneIngress(baseline: Sourced, candidate: Sourced): readonly Finding[] {
  const [one, other] = [baseline, candidate].map(({ source }) => otlpSource.safeParse(source).data);
  if (one === undefined || other === undefined) return [];
  return [
    ...mismatch(
      one.port !== other.port,
      'candidate.source.port',
      `applications push to port ${one.port} for the baseline and to port ${other.port} for the candidate, so the two would never see the same data`,
      `Give both pipelines the port that applications use, such as ${one.port}.`,
    ),
    ...mismatch(
      one.grpcPort !== other.grpcPort,
      'candidate.source.grpcPort',
      `applications push by gRPC to ${grpcPort(one)} for the baseline and to ${grpcPort(other)} for the candidate, so one of them would lose their data`,
      'Give both pipelines the port that applications use for gRPC, or neither of them one.',
    ),
  ];
}

/** Finds a source that would have two doors in one place. */
export function doorsApart({ source }: PipelineSpec): readonly Finding[] {
  if (source.kind !== 'otlp' || source.grpcPort !== source.port) return [];
  return [
    errorFinding(
      'ingress-port-taken',
      'source.grpcPort',
      `HTTP and gRPC cannot both be taken on port ${source.port}`,
      'Give gRPC a port of its own, such as 4317.',
    ),
  ];
}

function mismatch(isThere: boolean, path: string, message: string, fix: string): readonly Finding[] {
  return isThere ? [errorFinding('ingress-mismatch', path, message, fix)] : [];
}

function grpcPort({ grpcPort: port }: { readonly grpcPort?: number | undefined }): string {
  return port === undefined ? 'no port' : `port ${port}`;
}
