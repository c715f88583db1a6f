import type { Clock } from '#lib/agent-core';
import { isAccepted, type Send } from './pushed.js';

const POLL_MS = 100;

/** An export without data, which every receiver takes and no pipeline hands on. */
const NOTHING = { headers: { 'content-type': 'application/x-protobuf' }, body: [], bytes: 0 };

/** Resolves when the receiver takes an empty request. @throws the signal's reason when it is aborted first */
export async function receiverAnswers(
  { clock, send }: { readonly clock: Clock; readonly send: Send },
  receiverPort: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const isThere = await send(receiverPort, NOTHING).then(isAccepted, () => false);
    signal.throwIfAborted();
    if (isThere) return;
    await clock.sleep(POLL_MS, signal);
  }
}
