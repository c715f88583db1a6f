import { UsageError } from '../exit-codes.js';
import type { GitAddress } from './git-address.js';

/** Thrown when a provider refuses; the message holds its answer, never the token. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const providers = ['github', 'gitlab'] as const;
export type Provider = (typeof providers)[number];

/** The proposal to take a branch into another. */
export type PullRequest = {
  readonly provider: Provider;
  /** Base address of the provider's API. */
  readonly apiUrl: string;
  /** The repository as its address names it. */
  readonly path: string;
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly text: string;
  readonly token: string;
};

export type Proposed = { readonly url: string; readonly outcome: 'opened' | 'found' };

/** Known by the host's name; others must be named. @throws UsageError */
export function providerOf({ host }: GitAddress, named: string | undefined): Provider {
  if (named !== undefined) {
    const known = providers.find((one) => one === named);
    if (known === undefined) throw new UsageError(`--provider takes ${providers.join(' or ')}`);
    return known;
  }
  if (host === 'github.com') return 'github';
  if (host === 'gitlab.com') return 'gitlab';
  throw new UsageError(`which provider is ${host}? Give --provider ${providers.join(' or ')}.`);
}

/** Where the API of a provider is on a host: its own, or that of a company's server. */
export function apiUrlOf(provider: Provider, { host }: GitAddress): string {
  if (provider === 'gitlab') return `https://${host}/api/v4`;
  return host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`;
}

/** Opens a pull request, or finds the open one of the same branches. @throws ProviderError */
export async function propose(request: PullRequest): Promise<Proposed> {
  const door = doors[request.provider];
  const found = await find(door, request);
  if (found !== undefined) return { url: found, outcome: 'found' };
  const answer = await call(door, request, {
    method: 'POST',
    path: door.path(request),
    body: door.body(request),
  });
  if (answer.status === 201) return { url: urlIn(door, answer.body), outcome: 'opened' };
  // Someone else was faster between our question and our request.
  const meanwhile = door.mayExist.includes(answer.status) ? await find(door, request) : undefined;
  if (meanwhile !== undefined) return { url: meanwhile, outcome: 'found' };
  throw refused(answer);
}

type Json = Readonly<Record<string, unknown>>;

/** How one provider is spoken to. */
type Door = {
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly path: (request: PullRequest) => string;
  readonly query: (request: PullRequest) => Readonly<Record<string, string>>;
  readonly body: (request: PullRequest) => Json;
  /** The field with the address for people. */
  readonly url: string;
  /** What it answers, among other things, where there is one already. */
  readonly mayExist: readonly number[];
};

const doors: Readonly<Record<Provider, Door>> = {
  // docs.github.com/rest/pulls/pulls
  github: {
    headers: (token) => ({
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    }),
    path: ({ path }) => `/repos/${path.split('/').map(encodeURIComponent).join('/')}/pulls`,
    query: ({ base, branch, path }) => ({
      state: 'open',
      head: `${path.split('/')[0] ?? ''}:${branch}`,
      base,
    }),
    body: ({ base, branch, text, title }) => ({ title, head: branch, base, body: text }),
    url: 'html_url',
    mayExist: [422],
  },
  // docs.gitlab.com/api/merge_requests
  gitlab: {
    headers: (token) => ({ 'private-token': token, accept: 'application/json' }),
    path: ({ path }) => `/projects/${encodeURIComponent(path)}/merge_requests`,
    query: ({ base, branch }) => ({ state: 'opened', source_branch: branch, target_branch: base }),
    body: ({ base, branch, text, title }) => ({
      title,
      source_branch: branch,
      target_branch: base,
      description: text,
    }),
    url: 'web_url',
    mayExist: [409],
  },
};

async function find(door: Door, request: PullRequest): Promise<string | undefined> {
  const query = new URLSearchParams(door.query(request)).toString();
  const answer = await call(door, request, { method: 'GET', path: `${door.path(request)}?${query}` });
  if (answer.status !== 200) throw refused(answer);
  const [first] = Array.isArray(answer.body) ? (answer.body as readonly unknown[]) : [];
  return first === undefined ? undefined : urlIn(door, first);
}

type Answer = { readonly status: number; readonly body: unknown };
type Call = { readonly method: string; readonly path: string; readonly body?: Json };

const BUDGET_MS = 30_000;

async function call(
  door: Door,
  { apiUrl, token }: PullRequest,
  { body, method, path }: Call,
): Promise<Answer> {
  const response = await fetch(`${apiUrl.replace(/\/+$/, '')}${path}`, {
    method,
    headers: {
      ...door.headers(token),
      'user-agent': 'phoenix',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    // A redirect would carry the token to somewhere else.
    redirect: 'error',
    signal: AbortSignal.timeout(BUDGET_MS),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: { message: text.slice(0, 200) } };
  }
}

function urlIn(door: Door, body: unknown): string {
  const url = (body as Json | null)?.[door.url];
  if (typeof url !== 'string') throw new ProviderError(200, 'the provider answered without an address');
  return url;
}

/** GitHub says more in `errors`, GitLab in a list under `message`. */
function refused({ body, status }: Answer): ProviderError {
  const { errors, message } = (body ?? {}) as { readonly errors?: unknown; readonly message?: unknown };
  const said = [message, errors]
    .filter((one) => one !== undefined)
    .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return new ProviderError(status, `the provider answered ${status}: ${said.join(' ').slice(0, 500)}`);
}
