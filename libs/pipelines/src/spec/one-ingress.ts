import { errorFinding, type Finding } from '../findings.js';
import { otlpSource } from './otlp-source.js';

/** A specification, or what is stored of one whose other texts depend on the host. */
type Sourced = { readonly source?: unknown };

/** The port on which a pipeline is pushed to; undefined where it fetches its data. */
export function ingressPortOf({ source }: Sourced): number | undefined {
  return otlpSource.safeParse(source).data?.port;
}

/** Finds two pipelines of one experiment that applications would have to push to twice. */
export function oneIngress(baseline: Sourced, candidate: Sourced): readonly Finding[] {
  const [one, other] = [ingressPortOf(baseline), ingressPortOf(candidate)];
  if (one === undefined || other === undefined || one === other) return [];
  return [
    errorFinding(
      'ingress-mismatch',
      'candidate.source.port',
      `applications push to port ${one} for the baseline and to port ${other} for the candidate, so the two would never see the same data`,
      `Give both pipelines the port that applications use, such as ${one}.`,
    ),
  ];
}
