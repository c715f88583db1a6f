import type { IncomingHttpHeaders } from 'node:http';

/** A request as an application sent it: what a receiver must see, byte for byte. */
export type Pushed = {
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body as it came, packed or not, in pieces that nobody puts together. */
  readonly body: readonly Uint8Array[];
  readonly bytes: number;
};

/** What a receiver, or the ingress in its stead, answers. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** Hands a request to the receiver on a loopback port. @throws Error when no answer came */
export type Send = (receiverPort: number, pushed: Pushed) => Promise<Answer>;

export function isAccepted({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** An answer of the ingress itself, as a sentence for people; exporters go by the status. */
export function sentence(status: number, text: string, headers: Answer['headers'] = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: Buffer.from(`${text}\n`),
  };
}

/** OTLP has its clients keep the data and come again. */
export function comeAgain(why: string): Answer {
  return sentence(503, why, { 'retry-after': '1' });
}
