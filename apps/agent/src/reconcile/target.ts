import type { OrderOutcome } from '#lib/agent-core';
import type { ApplyCollectors, CollectorOrder } from '#lib/agent-protocol';
import { renderedPipelineSchema, type PipelineIngress } from '#lib/pipelines';
import { specKey, type Collector, type CollectorSpec } from '../collectors/collector.js';

/** What the journal knows of orders. */
export type Orders = {
  readonly desired: ApplyCollectors | null;
  readonly outcome: OrderOutcome | null;
  readonly healthy: ApplyCollectors | null;
};

/** The order to be at. News is reported stage by stage; all else is only kept up. */
export type Target = { readonly order: ApplyCollectors; readonly isNews: boolean };

/** The newest order until it failed; then the last healthy one. Undefined: nothing is to run. */
export function targetOf({ desired, healthy, outcome }: Orders): Target | undefined {
  if (desired === null) return undefined;
  if (outcome === null) return { order: desired, isNews: true };
  if (outcome.stage === 'effective') return { order: desired, isNews: false };
  return healthy === null ? undefined : { order: healthy, isNews: false };
}

/** An order's collectors, or why they cannot be read. */
export type ParsedOrder =
  | { readonly ok: true; readonly specs: readonly CollectorSpec[] }
  | { readonly ok: false; readonly reason: string };

/** Reads what an order brings. A rendering of another hash never runs. */
export function parseOrder({ collectors }: ApplyCollectors): ParsedOrder {
  const specs: CollectorSpec[] = [];
  for (const collector of collectors) {
    const parsed = parseCollector(collector);
    if (typeof parsed === 'string') return { ok: false, reason: `${collector.variant}: ${parsed}` };
    specs.push(parsed);
  }
  const [one, other] = ingressPorts(specs).map(told);
  if (other !== undefined)
    return {
      ok: false,
      reason: `its pipelines are pushed to on ${one} and on ${other}; one is all they may have`,
    };
  return { ok: true, specs };
}

/** The ports on which applications push to these collectors, each choice of them once. */
export function ingressPorts(specs: readonly CollectorSpec[]): readonly PipelineIngress[] {
  const all = specs.flatMap(({ rendered: { ingress } }) => (ingress === undefined ? [] : [ingress]));
  return [...new Map(all.map((ingress) => [told(ingress), ingress])).values()];
}

function told({ grpcPort, port }: PipelineIngress): string {
  return `port ${port}${grpcPort === undefined ? '' : ` with ${grpcPort} for gRPC`}`;
}

/** One collector of an order, or in a sentence why it cannot be read. */
export function parseCollector({
  configHash,
  limits,
  rendered,
  role,
  variant,
}: CollectorOrder): CollectorSpec | string {
  const parsed = renderedPipelineSchema.safeParse(rendered);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `the rendering is unreadable at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  }
  if (parsed.data.hash !== configHash) return 'the rendering is of another hash than the order';
  return { variant, role, configHash, rendered: parsed.data, ...(limits && { limits }) };
}

/** The collectors of an order; none where it is unreadable, which its own stages tell. */
export function specsOf(order: ApplyCollectors | null): readonly CollectorSpec[] {
  const parsed = order === null ? undefined : parseOrder(order);
  return parsed?.ok === true ? parsed.specs : [];
}

/** What is to be started, and what is to be stopped once that works. */
export type Plan = { readonly missing: readonly CollectorSpec[]; readonly surplus: readonly Collector[] };

/** Compares what runs with what is wanted. */
export function planOf(running: readonly Collector[], wanted: readonly CollectorSpec[]): Plan {
  const kept = new Map<string, Collector>();
  const keys = new Set(wanted.map(specKey));
  for (const collector of running) {
    const key = specKey(collector.spec);
    if (keys.has(key) && !kept.has(key)) kept.set(key, collector);
  }
  return {
    missing: wanted.filter((spec) => !kept.has(specKey(spec))),
    surplus: running.filter((collector) => kept.get(specKey(collector.spec)) !== collector),
  };
}
