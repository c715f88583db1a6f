import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { PhoenixClient } from './client.js';
import { ApiProblem, ApiUnreachable } from './problem.js';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
interface Answer {
  readonly status: number;
  readonly body: string;
}

describe('the client over HTTP', () => {
  const seen: Seen[] = [];
  let answer: Answer | 'silence';
  let server: Server;
  let apiUrl: string;
  let client: PhoenixClient;

  const answering = (status: number, body: unknown): void => {
    answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
  };
  const problemOf = async (call: Promise<unknown>): Promise<unknown> => {
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    if (!(error instanceof ApiProblem)) throw new Error(`no problem: ${String(error)}`);
    return error.problem;
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        seen.push({ method: request.method, url: request.url, headers: request.headers, body });
        if (answer !== 'silence') response.writeHead(answer.status).end(answer.body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new PhoenixClient({ apiUrl, token: 'secret' });
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('asks below the version of the API, with its token and only the parameters that are set', async () => {
    answering(200, { id: 'h1' });

    const host = await client.get('/fleet/hosts', { query: { after: 'a b', limit: undefined } });

    expect(host).toEqual({ id: 'h1' });
    const { body, headers, method, url } = seen.at(-1)!;
    expect({ body, method, url }).toEqual({ body: '', method: 'GET', url: '/api/v1/fleet/hosts?after=a+b' });
    expect(headers).toMatchObject({ accept: 'application/json', authorization: 'Bearer secret' });
    expect(headers['content-type']).toBeUndefined();
  });

  it('sends a command as JSON, with its key and the version that the caller has seen', async () => {
    answering(202, '');

    const nothing = await client.post('/experiments', {
      body: { name: 'x' },
      idempotencyKey: 'key-1',
      ifMatch: '7',
    });

    expect(nothing).toBeUndefined();
    expect(seen.at(-1)).toMatchObject({
      method: 'POST',
      body: '{"name":"x"}',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1', 'if-match': '"7"' },
    });
  });

  it('logs in without a token and comes back with one', async () => {
    answering(200, { accessToken: 'fresh' });

    const loggedIn = await PhoenixClient.logIn(apiUrl, 'me@example.org', 'password');

    expect(seen.at(-1)).toMatchObject({ url: '/api/v1/auth/login' });
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
    expect([loggedIn.token, loggedIn.apiUrl]).toEqual(['fresh', apiUrl]);
  });

  it('throws the problem that the API states, in its words', async () => {
    const problem = {
      status: 409,
      code: 'phase',
      title: 'Conflict',
      detail: 'It runs.',
      hint: 'Stop it first.',
    };
    answering(409, problem);

    expect(await problemOf(client.post('/experiments/e1/start'))).toEqual(problem);
    await expect(client.post('/experiments/e1/start')).rejects.toThrow('It runs. Stop it first.');
  });

  it.each([
    ['an answer that is no problem document', 502, '<html>bad gateway</html>'],
    ['a document that says nothing', 502, '{}'],
    // The status line is the truth: a body must not make a failure look like another one.
    ['a document with another status', 502, '{"status":200}'],
  ])('throws %s with its status', async (_what, status, body) => {
    answering(status, body);

    expect(await problemOf(client.get('/x'))).toEqual({ status: 502, code: 'unknown', title: 'HTTP 502' });
  });

  it('tells a silent API from one that is not there', async () => {
    answer = 'silence';
    const hasty = new PhoenixClient({ apiUrl, timeoutMs: 50 });
    await expect(hasty.get('/x')).rejects.toMatchObject({ url: apiUrl, timedOut: true });

    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    gone.close();
    await once(gone, 'close');
    const refused = new PhoenixClient({ apiUrl: url }).get('/x');
    await expect(refused).rejects.toBeInstanceOf(ApiUnreachable);
    await expect(refused).rejects.toMatchObject({ timedOut: false, message: `nothing answers at ${url}` });
  });
});
