import { Agent, request, type IncomingMessage } from 'node:http';
import type { Answer, Pushed, Send } from './pushed.js';

/** Of one connection, not of the request (RFC 9110, section 7.6.1); the length is told anew. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'expect', 'host', 'content-length'],
]);
/** The answer to an export is some bytes, or the reason of a refusal. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** A connection that was unused for longer is not used again: its collector may be closing it (after a minute, 0.149). */
const IDLE_MS = 10_000;
const CONNECTIONS = 64;

/** Sends to receivers on loopback. */
export type Sender = { readonly send: Send; close(): void };

/** Makes a sender over kept connections. @param budgetMs how long an answer may take */
export function sender(budgetMs: number): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, timeout: IDLE_MS });
  return {
    send: (receiverPort, pushed) => sendOver(agent, receiverPort, pushed, AbortSignal.timeout(budgetMs)),
    close: () => agent.destroy(),
  };
}

function sendOver(agent: Agent, port: number, pushed: Pushed, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...endToEnd(pushed.headers), 'content-length': pushed.bytes };
    const to = { host: '127.0.0.1', port, path: '/v1/metrics', method: 'POST', agent, headers, signal };
    const sent = request(to, (response) => void answerOf(response).then(resolve, reject));
    sent.once('error', reject);
    for (const piece of pushed.body) sent.write(piece);
    sent.end();
  });
}

function endToEnd(headers: Pushed['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !HOP_BY_HOP.has(name) && !named.includes(name)) kept[name] = value;
  return kept;
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_ANSWER_BYTES) throw new Error('the collector answered more than an answer');
    pieces.push(piece);
  }
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'content-encoding', 'retry-after']) {
    const value = response.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return { status: response.statusCode ?? 502, headers, body: Buffer.concat(pieces, length) };
}
