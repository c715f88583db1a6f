import type { Row, ServerMessage } from '../protocol.js';

/** What a client knows of one view after each message: the client's half of the protocol in a few lines. */
export class FeedState {
  readonly rows = new Map<string, unknown>();
  readonly seen: ServerMessage['op'][] = [];
  cursor: string | undefined;

  apply(message: ServerMessage): void {
    this.seen.push(message.op);
    if (message.op !== 'snapshot' && message.op !== 'delta') return;
    if (message.op === 'snapshot') this.rows.clear();
    this.cursor = message.cursor;
    for (const row of message.rows) this.put(row);
  }

  private put({ key, row }: Row): void {
    if (row === null) this.rows.delete(key);
    else this.rows.set(key, row);
  }
}
