import type { ApplyCollectors } from '#lib/agent-protocol';
import type { CollectorSpec } from '../collectors/collector.js';

/**
 * What is left to run when one collector of an order will not: the order without it while that still feeds the
 * backend, else what fed the backend before. Undefined: there is nothing better than trying on.
 */
export function fallBackOf(
  order: ApplyCollectors,
  broken: Pick<CollectorSpec, 'variant' | 'configHash'>,
  before: ApplyCollectors | null,
): ApplyCollectors | undefined {
  const isBroken = (one: { variant: string; configHash: string }): boolean =>
    one.variant === broken.variant && one.configHash === broken.configHash;
  const rest = order.collectors.filter((one) => !isBroken(one));
  if (rest.some(({ role }) => role === 'live')) return { ...order, collectors: rest };
  const earlier = (before?.collectors ?? []).filter((one) => one.role === 'live' && !isBroken(one));
  return before === null || earlier.length === 0 ? undefined : { ...before, collectors: earlier };
}
