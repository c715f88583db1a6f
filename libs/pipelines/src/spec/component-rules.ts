import type { Finding } from '../findings.js';
import type { PipelineSpec } from './pipeline-spec.js';

/** The receivers that a collector offers, by name: what a host tells of its own, or the catalogue made of that. */
export type OfferedReceivers = { readonly receivers: Readonly<Record<string, unknown>> };

/**
 * Warns of a receiver that the collector lacks. Without a collector the pinned one counts, which was built without
 * the prometheus receiver for its size on every host.
 */
export function receiverIsOffered(
  { source }: PipelineSpec,
  collector?: OfferedReceivers,
): readonly Finding[] {
  if (source.kind !== 'prometheus') return [];
  if (collector !== undefined && Object.hasOwn(collector.receivers, 'prometheus')) return [];
  const whose =
    collector === undefined ? 'the collector that Phoenix pins' : 'the collector that the host told of';
  return [
    {
      rule: 'needs-contrib',
      severity: 'warning',
      path: 'source',
      message: `${whose} has no prometheus receiver`,
      fix: 'Give its hosts a collector that has it: the larger build of Phoenix or the contrib distribution.',
    },
  ];
}
