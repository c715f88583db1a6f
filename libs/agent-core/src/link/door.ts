import type { LinkVitals } from '#lib/agent-protocol';
import type { PublishAcked } from '../outbox/drain-lane.js';

/** What arrives on a subscription. */
export type Arrival = { readonly bytes: Uint8Array };

/** What is done with it. */
export type Handle = (arrival: Arrival) => Promise<void>;

/** What went wrong, and when, ISO 8601. */
export type LinkFailure = { readonly at: string; readonly reason: string };

/** A way to the control plane. It is there from the start, connected or not. */
export interface Link {
  isConnected(): boolean;
  /** How the agent talks to the control plane now; undefined while it does not. */
  about(): LinkVitals | undefined;
  /** What went wrong with the connection last; undefined when nothing ever did. */
  lastFailure(): LinkFailure | undefined;
  /**
   * Resolves when the hub has answered, which a leaf does not do in its place. `subject` is one of this host that a
   * stream listens to; nothing is stored. @throws AgentError `not-connected`, or what the client threw
   */
  probe(subject: string): Promise<void>;
  /**
   * Resolves when the hub has stored the message.
   * @throws AgentError `not-connected` | `hub-refused`, or what the client threw: then it may be stored all the same
   */
  readonly publishAcked: PublishAcked;
  /** Sends if connected, else forgets: for signs of life. */
  publish(subject: string, body: Uint8Array): void;
  /** Listens for ever, through every reconnect. One arrival is handled at a time. */
  serve(subject: string, handle: Handle): void;
  /** Called after each connect and reconnect. */
  onConnect(listener: () => void): void;
  /** Connects anew if it is connected, so that the credential is shown as it is now. Nothing is lost that is kept. */
  renew(): Promise<void>;
  close(): Promise<void>;
}
