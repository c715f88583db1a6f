import { z } from 'zod';
import type { Nats, NatsMessage } from '#lib/platform';
import type { ExperimentClock } from './experiment-clock.js';

/** Rung by command-api when somebody wants the verdict now. */
const SUBJECT = 'bell.conclude';
const requestSchema = z.object({ tenant: z.string(), experiment: z.string() });

/** Answers the bell once the request is noted; the verdict itself arrives as an event. Ends with the signal. */
export async function listenToBell(
  nats: Pick<Nats, 'subscribe' | 'send'>,
  clock: ExperimentClock,
  signal: AbortSignal,
): Promise<void> {
  for await (const message of nats.subscribe(SUBJECT, { signal })) {
    const answer = answerTo(message, clock);
    if (message.reply !== undefined)
      nats.send(message.reply, new TextEncoder().encode(JSON.stringify(answer)));
  }
}

function answerTo(message: NatsMessage, clock: ExperimentClock): { readonly status: string } {
  const request = requestSchema.safeParse(parse(message.data));
  if (!request.success) return { status: 'malformed' };
  const { tenant, experiment } = request.data;
  return { status: clock.requestConclusion(tenant, experiment) ? 'noted' : 'not-running' };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
