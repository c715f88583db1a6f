import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownEnvironment } from '../../cli.config.js';

const run = promisify(execFile);

/** A repository behind git's own HTTP server, which asks for a user and a token. */
export type GitServer = {
  readonly url: string;
  readonly token: string;
  /** Runs git in the bare repository. */
  readonly git: (...args: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Without `first` the repository has no commit yet. */
export async function startGitServer(first?: Readonly<Record<string, string>>): Promise<GitServer> {
  const root = mkdtempSync(join(tmpdir(), 'phoenix-git-server-'));
  const bare = join(root, 'shop', 'deploy.git');
  const token = 'tok-$ecret';
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=trunk', bare]);
  await run('git', ['-C', bare, 'config', 'http.receivepack', 'true']);
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-C', bare, ...args])).stdout;
  if (first !== undefined) await commit(git, first);
  const wanted = `Basic ${Buffer.from(`oauth2:${token}`).toString('base64')}`;
  const server = createServer((request, response) => {
    if (request.headers.authorization !== wanted)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    serve(root, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop/deploy.git`,
    token,
    git,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function commit(git: GitServer['git'], files: Readonly<Record<string, string>>): Promise<void> {
  const folder = (await git('rev-parse', '--absolute-git-dir')).trim();
  const entries: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    const hash = run('git', ['-C', folder, 'hash-object', '-w', '--stdin']);
    hash.child.stdin?.end(content);
    entries.push(`${(await hash).stdout.trim()},${path}`);
  }
  const index = { GIT_INDEX_FILE: join(folder, 'first-index') };
  const withIndex = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-C', folder, ...args], { env: { ...ownEnvironment(), ...index } })).stdout.trim();
  for (const entry of entries) await withIndex('update-index', '--add', '--cacheinfo', `100644,${entry}`);
  const tree = await withIndex('write-tree');
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
  const made = await withIndex(...author, 'commit-tree', tree, '-m', 'first');
  await git('update-ref', 'refs/heads/trunk', made);
}

/** CGI as git's server speaks it: a head of lines, an empty one, then the body. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: ownEnvironment()['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'oauth2',
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.stdout.on('end', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    const head = all.subarray(0, end).toString('utf8').split('\r\n');
    const fields = head.map((line) => line.split(/:\s*/, 2) as [string, string]);
    const status = fields.find(([name]) => name.toLowerCase() === 'status')?.[1];
    const others = fields.filter(([name]) => name.toLowerCase() !== 'status');
    response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), Object.fromEntries(others));
    response.end(all.subarray(end + 4));
  });
}
