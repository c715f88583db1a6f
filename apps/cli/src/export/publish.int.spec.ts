import type { PipelineExportAnswer } from '#lib/client';
import { publish, type GitOptions, type Published } from './publish.js';
import { startGitServer, type GitServer } from './testing/git-server.js';
import {
  startProviderServer,
  type Asked,
  type ProviderServer,
  type Reply,
} from './testing/provider-server.js';

const mark = (text: string): string => `metadata: {annotations: {pipelines.phoenix/content-hash: ${text}}}\n`;
const exported = (text: string, ...names: readonly string[]): PipelineExportAnswer => ({
  format: 'kubernetes',
  hash: 'a'.repeat(64),
  files: names.map((path) => ({ path, content: mark(text) })),
  warnings: [{ message: 'mind the gap', fix: 'jump' }],
});

/** An open request of each provider, as its reference says that it is listed. */
const open = { github: [{ html_url: 'https://p/1' }], gitlab: [{ web_url: 'https://p/1' }] };
const created = { github: { html_url: 'https://p/2' }, gitlab: { web_url: 'https://p/2' } };

describe('an export in a repository', () => {
  let repository: GitServer;
  let provider: ProviderServer | undefined;
  beforeEach(async () => {
    repository = await startGitServer({ 'README.md': 'hello\n', 'phoenix/pipe/own.yaml': 'kind: Own\n' });
  });
  afterEach(async () => {
    await repository.stop();
    await provider?.stop();
    provider = undefined;
  });

  const put = (files: PipelineExportAnswer, more: Partial<GitOptions> & { readonly token?: string } = {}) => {
    const { token = repository.token, ...options } = more;
    return publish(
      files,
      { git: repository.url, branch: 'pipelines', name: 'pipe', pullRequest: false, ...options },
      { environment: { ...process.env, PHOENIX_GIT_TOKEN: token }, protocols: ['http'] },
    );
  };
  const propose = (name: 'github' | 'gitlab', answer: (asked: Asked) => Reply): Promise<Published> =>
    startProviderServer(answer).then((server) => {
      provider = server;
      const options = { pullRequest: true, provider: name, apiUrl: server.url };
      return put(exported('one', '10-a.yaml'), options);
    });
  const filesOf = async (branch: string): Promise<readonly string[]> =>
    (await repository.git('ls-tree', '-r', '--name-only', branch)).trim().split('\n');
  const commitsOf = async (branch: string): Promise<number> =>
    Number(await repository.git('rev-list', '--count', branch));

  it('is one commit on a new branch beside what was there, and none the second time', async () => {
    const first = await put(exported('one', '10-a.yaml', '20-b.yaml'));
    expect(first).toMatchObject({ outcome: 'pushed', base: 'trunk', hasBranch: true });
    expect(await filesOf('pipelines')).toEqual([
      'README.md',
      'phoenix/pipe/10-a.yaml',
      'phoenix/pipe/20-b.yaml',
      'phoenix/pipe/own.yaml',
    ]);
    expect(await put(exported('one', '10-a.yaml', '20-b.yaml'))).toMatchObject({ outcome: 'unchanged' });
    expect(await commitsOf('pipelines')).toBe(2);
    expect(await commitsOf('trunk')).toBe(1);
  });

  it('takes away what an earlier export left, and nothing else', async () => {
    await put(exported('one', '10-a.yaml', '50-daemonset.yaml'));
    await put(exported('two', '10-a.yaml', '50-deployment.yaml'));
    expect(await filesOf('pipelines')).toEqual([
      'README.md',
      'phoenix/pipe/10-a.yaml',
      'phoenix/pipe/50-deployment.yaml',
      'phoenix/pipe/own.yaml',
    ]);
    expect(await repository.git('show', 'pipelines:phoenix/pipe/10-a.yaml')).toBe(mark('two'));
  });

  it('begins a repository that has no commit', async () => {
    const empty = await startGitServer();
    try {
      const done = await put(exported('one', '10-a.yaml'), { git: empty.url, branch: 'main' });
      expect(done).toMatchObject({ outcome: 'pushed', hasBranch: true });
      expect((await empty.git('ls-tree', '-r', '--name-only', 'main')).trim()).toBe('phoenix/pipe/10-a.yaml');
    } finally {
      await empty.stop();
    }
  });

  it('is refused with a wrong token, which nothing repeats', async () => {
    const refused = put(exported('one', '10-a.yaml'), { token: 'wrong-token' });
    await expect(refused).rejects.toThrow(/git ls-remote: .*[Aa]uthentication failed/);
    await expect(refused).rejects.not.toThrow(/wrong-token/);
  });

  it.each([
    [{ branch: '-d' }, /no name of a branch/],
    [{ branch: 'a..b' }, /no name of a branch/],
    [{ base: 'nowhere' }, /no branch "nowhere"/],
    [{ path: '../out' }, /no folder/],
    [{ path: '/etc' }, /no folder/],
    [{ path: 'a/.git/hooks' }, /no folder/],
    [{ git: 'file:///tmp/x' }, /takes http, not file/],
    [{ git: 'http://u:p@127.0.0.1/x' }, /no user and no token/],
    [{ git: 'ext::sh -c id' }, /takes/],
    [{ git: '--upload-pack=id' }, /takes an address/],
    [{ pullRequest: true }, /which provider is 127/],
  ])('is refused with %j', async (options, reason) => {
    await expect(put(exported('one', '10-a.yaml'), options)).rejects.toThrow(reason);
    await expect(repository.git('rev-parse', '--verify', 'pipelines')).rejects.toThrow();
  });

  it('is proposed to GitHub', async () => {
    const done = await propose('github', ({ method }) =>
      method === 'GET' ? { status: 200, body: [] } : { status: 201, body: created.github },
    );
    expect(done.pullRequest).toEqual({ url: 'https://p/2', outcome: 'opened' });
    const [question, request] = provider!.asked;
    expect(question?.url).toBe('/repos/shop/deploy/pulls?state=open&head=shop%3Apipelines&base=trunk');
    expect(request).toMatchObject({
      method: 'POST',
      url: '/repos/shop/deploy/pulls',
      headers: {
        authorization: `Bearer ${repository.token}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        'content-type': 'application/json',
      },
      body: { head: 'pipelines', base: 'trunk', body: expect.stringContaining('mind the gap') as unknown },
    });
  });

  it('is proposed to GitLab', async () => {
    const done = await propose('gitlab', ({ method }) =>
      method === 'GET' ? { status: 200, body: [] } : { status: 201, body: created.gitlab },
    );
    expect(done.pullRequest).toEqual({ url: 'https://p/2', outcome: 'opened' });
    const [question, request] = provider!.asked;
    expect(question?.url).toBe(
      '/projects/shop%2Fdeploy/merge_requests?state=opened&source_branch=pipelines&target_branch=trunk',
    );
    expect(request).toMatchObject({
      method: 'POST',
      headers: { 'private-token': repository.token },
      body: { source_branch: 'pipelines', target_branch: 'trunk' },
    });
  });

  it.each(['github', 'gitlab'] as const)('finds the open proposal at %s', async (name) => {
    const done = await propose(name, () => ({ status: 200, body: open[name] }));
    expect(done.pullRequest).toEqual({ url: 'https://p/1', outcome: 'found' });
    expect(provider!.asked.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    ['github', 422, { message: 'Validation Failed', errors: [{ message: 'A pull request already exists' }] }],
    ['gitlab', 409, { message: ['Another open merge request already exists'] }],
  ] as const)('finds what someone opened meanwhile at %s', async (name, status, body) => {
    const done = await propose(name, ({ method }) => {
      if (method === 'POST') return { status, body };
      return { status: 200, body: provider!.asked.length > 1 ? open[name] : [] };
    });
    expect(done.pullRequest).toEqual({ url: 'https://p/1', outcome: 'found' });
  });

  it.each([
    ['github', 401, { message: 'Bad credentials' }, /401: Bad credentials/],
    ['github', 422, { message: 'Validation Failed', errors: [{ field: 'base' }] }, /422: .*"field":"base"/],
    ['gitlab', 403, { message: '403 Forbidden' }, /403: 403 Forbidden/],
  ] as const)('says why %s refuses with %d, after the push', async (name, status, body, reason) => {
    const refused = propose(name, ({ method }) =>
      method === 'GET' && status !== 401 ? { status: 200, body: [] } : { status, body },
    );
    await expect(refused).rejects.toThrow(reason);
    expect(await commitsOf('pipelines')).toBe(2);
  });
});
