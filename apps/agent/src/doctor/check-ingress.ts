import type { AgentConfig } from '../agent.config.js';
import type { IngressStatus } from '../ingress/ingress.js';
import { readStatus } from '../run/status-file.js';
import type { Finding } from './finding.js';

/** What applications push here, and whether both variants of an experiment have seen all of it. */
export async function checkIngress({ PHOENIX_AGENT_DIR: folder }: AgentConfig): Promise<Finding> {
  return ingressFinding((await readStatus(folder))?.ingress ?? []);
}

/** The finding of these ports. */
export function ingressFinding(ports: readonly IngressStatus[]): Finding {
  if (ports.length === 0) return { detail: 'no pipeline takes pushed data' };
  const detail = ports.map(told).join('; ');
  const dropped = ports.reduce((sum, port) => sum + port.dropped, 0);
  const shut = ports.filter(({ isWanted }) => isWanted).flatMap(shutPorts);
  if (shut.length > 0) return { detail, fix: `free port ${shut.join(' and ')}: another program has it` };
  if (dropped === 0) return { detail };
  const fix = `shadows missed ${dropped} requests that the live collector took, so their windows have gaps: find out why the candidate cannot keep up`;
  return { detail, fix };
}

/** Of the ports of a pipeline those that cannot be opened. */
function shutPorts({ grpc, ...http }: IngressStatus): readonly number[] {
  return [http, ...(grpc === undefined ? [] : [grpc])].flatMap(({ isOpen, port }) => (isOpen ? [] : [port]));
}

function told({ accepted, copies, dropped, forwarded, unavailable, ...ports }: IngressStatus): string {
  const counts = `${forwarded} requests forwarded, ${accepted} accepted, ${unavailable} told to come again, ${copies} copied to shadows, ${dropped} of these dropped`;
  const grpc = ports.grpc === undefined ? '' : `, for gRPC ${door(ports.grpc)}`;
  return `${door(ports)}${grpc}: ${counts}`;
}

function door({ isOpen, port }: Pick<IngressStatus, 'port' | 'isOpen'>): string {
  return `port ${port} ${isOpen ? 'open' : 'closed'}`;
}
