import { hostname } from 'node:os';
import {
  AGENT_PROTOCOL_VERSION,
  enrolResponseSchema,
  type EnrolRequest,
  type EnrolResponse,
  type Inventory,
} from '#lib/agent-protocol';
import { AGENT_VERSION } from '../version.js';
import { storeEnrolment } from './identity-file.js';

export type EnrolOptions = {
  /** Base address of the gateway. */
  readonly url: string;
  readonly token: string;
  readonly folder: string;
  readonly inventory: Inventory;
};

/** The gateway would not have us. */
export class EnrolError extends Error {
  override readonly name = 'EnrolError';
}

const BUDGET_MS = 30_000;

/** Trades the short-lived token for this host's own credential and keeps it. @throws EnrolError, or what fetch threw */
export async function enrol({
  folder,
  inventory,
  token,
  url,
}: EnrolOptions): Promise<Omit<EnrolResponse, 'creds' | 'httpCredential'>> {
  const request: EnrolRequest = {
    ...{ protocol: AGENT_PROTOCOL_VERSION, token, hostname: hostname(), agentVersion: AGENT_VERSION },
    inventory,
  };
  const response = await fetch(new URL('/api/v1/agent/enrol', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(BUDGET_MS),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new EnrolError(`the gateway refused (${response.status})${problemIn(answer)}`);
  const parsed = enrolResponseSchema.safeParse(answer);
  if (!parsed.success) throw new EnrolError('the gateway answered something else than an enrolment');
  await storeEnrolment(folder, { ...parsed.data, gatewayUrl: url });
  const { creds: _creds, httpCredential: _credential, ...enrolment } = parsed.data;
  return enrolment;
}

/** The sentence of a problem+json body. */
function problemIn(answer: unknown): string {
  const detail =
    typeof answer === 'object' && answer !== null && 'detail' in answer ? answer.detail : undefined;
  return typeof detail === 'string' ? `: ${detail}` : '';
}
