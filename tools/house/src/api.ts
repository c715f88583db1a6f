import { readFile } from 'node:fs/promises';

/** A logged-in caller of command-api, for the tools that set a house up. */
export interface Api {
  /** Calls `/api/v1<path>`; answers the parsed body. @throws Error with the problem's title and detail */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  readonly token: string;
}

/** Logs in as the first admin. */
export async function logIn(apiUrl: string, email: string, passwordFile: string): Promise<Api> {
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const answer = await send(apiUrl, { method: 'POST', path: '/auth/login', body: { email, password } });
  const { accessToken: token } = answer as { readonly accessToken: string };
  return { token, call: (method, path, body) => send(apiUrl, { method, path, body, token }) };
}

async function send(
  apiUrl: string,
  request: {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
    readonly token?: string;
  },
): Promise<unknown> {
  const response = await fetch(`${apiUrl}/api/v1${request.path}`, {
    method: request.method,
    headers: {
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${request.method} ${request.path}: ${response.status} ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
