import type { CollectorEngine, CollectorSpec } from '../collectors/collector.js';
import type { IngressPorts } from '../ingress/ingress.js';
import { ingressPorts } from './target.js';

/** Why one of these collectors cannot run, in the words of the real collector; undefined when all can. */
export async function firstComplaint(
  engine: Pick<CollectorEngine, 'validate'>,
  specs: readonly CollectorSpec[],
): Promise<string | undefined> {
  for (const spec of specs) {
    const complaint = await engine.validate(spec);
    if (complaint !== undefined) return `${spec.variant}: ${complaint}`;
  }
  return undefined;
}

/** Opens the ports of these collectors. @returns why one of them cannot be had; undefined when all are open */
export async function firstTaken(
  ingress: Pick<IngressPorts, 'open'>,
  specs: readonly CollectorSpec[],
): Promise<string | undefined> {
  for (const ports of ingressPorts(specs)) {
    const complaint = await ingress.open(ports);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}
