import { ApiProblem, ApiUnreachable, type Problem } from './problem.js';

export interface ClientOptions {
  /** Such as `http://127.0.0.1:8080`. */
  readonly apiUrl: string;
  readonly token?: string;
  /** Per request; 15 s when left out. */
  readonly timeoutMs?: number;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** A repeated command with the same key is answered as the first time. */
  readonly idempotencyKey?: string;
  /** Strong ETag that the caller has seen, without quotes: the command is refused when the thing has moved on. */
  readonly ifMatch?: string;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/** Calls command-api over HTTP. Answers are parsed JSON; everything else is an exception. */
export class PhoenixClient {
  constructor(private readonly options: ClientOptions) {}

  /** Logs in and answers a client that carries the token. @throws ApiProblem @throws ApiUnreachable */
  static async logIn(apiUrl: string, email: string, password: string): Promise<PhoenixClient> {
    const anonymous = new PhoenixClient({ apiUrl });
    const body = { email, password };
    const { accessToken } = await anonymous.post<{ readonly accessToken: string }>('/auth/login', { body });
    return new PhoenixClient({ apiUrl, token: accessToken });
  }

  /** The bearer token, for feeds. */
  get token(): string | undefined {
    return this.options.token;
  }

  get apiUrl(): string {
    return this.options.apiUrl;
  }

  get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.send<T>('GET', path, options);
  }

  post<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.send<T>('POST', path, options);
  }

  /** Sends one request below `/api/v1`. The caller names the type that the API reference states for the route. */
  async send<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const text = await this.exchange(method, path, options);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** An answer as it is, for formats other than JSON. @throws ApiProblem @throws ApiUnreachable */
  getText(path: string, options: RequestOptions = {}): Promise<string> {
    return this.exchange('GET', path, options);
  }

  private async exchange(method: string, path: string, options: RequestOptions): Promise<string> {
    const response = await this.fetch(method, path, options);
    const text = await response.text();
    if (!response.ok) throw new ApiProblem(problemOf(response.status, text));
    return text;
  }

  private async fetch(method: string, path: string, options: RequestOptions): Promise<Response> {
    const { apiUrl, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    const url = new URL(`/api/v1${path}`, apiUrl);
    for (const [name, value] of Object.entries(options.query ?? {}))
      for (const one of value === undefined ? [] : [value].flat()) url.searchParams.append(name, one);
    try {
      return await fetch(url, {
        method,
        headers: this.headers(options),
        signal: AbortSignal.timeout(timeoutMs),
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
    } catch (error) {
      throw new ApiUnreachable(apiUrl, isTimeout(error));
    }
  }

  private headers({ body, idempotencyKey, ifMatch }: RequestOptions): Record<string, string> {
    const { token } = this.options;
    return {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    };
  }
}

/** By its name, because what `fetch` throws need not be an `Error` of this realm. */
function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError';
}

function problemOf(status: number, text: string): Problem {
  try {
    const body = JSON.parse(text) as Partial<Problem>;
    return { code: 'unknown', title: `HTTP ${status}`, ...body, status };
  } catch {
    return { status, code: 'unknown', title: `HTTP ${status}` };
  }
}
