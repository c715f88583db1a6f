export type AgentErrorCode =
  | 'outbox-unavailable' // the disk takes no more: full, read-only or broken
  | 'journal-unavailable' // as above, for the task journal
  | 'message-too-large' // the stream would refuse it for ever
  | 'hub-refused' // it was reached, and does not take this message now
  | 'not-connected';

/** A refusal of the agent's core; `detail` is for people. */
export class AgentError extends Error {
  override readonly name = 'AgentError';

  constructor(
    readonly code: AgentErrorCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** The message of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
