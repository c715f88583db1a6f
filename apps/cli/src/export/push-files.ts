import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../exit-codes.js';
import type { GitAddress } from './git-address.js';
import { inGitFolder, type GitFolder, type GitSettings } from './run-git.js';

type File = { readonly path: string; readonly content: string };

/** What is to stand in a repository, and where. */
export type PushRequest = {
  readonly address: GitAddress;
  readonly branch: string;
  /** The branch that a new one begins at; the repository's own main branch when left out. */
  readonly base?: string;
  /** A folder of the repository, which these files share with nothing of ours. */
  readonly folder: string;
  readonly files: readonly File[];
  readonly message: string;
};

/** `pushed`: a commit was added. `unchanged`: everything stood there already. */
export type Pushed = {
  readonly outcome: 'pushed' | 'unchanged';
  readonly commit: string | undefined;
  readonly base: string;
  /** Whether the branch is there now: not where it would hold what its base holds. */
  readonly hasBranch: boolean;
};

/** All that we write has this word in it, so that what an earlier export left can be told apart. */
const OURS = 'pipelines.phoenix/content-hash';
const folderPattern = /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;

/**
 * Puts the files on a branch, in one commit. The same content twice makes no second commit.
 * @throws UsageError for names that git does not take, GitError for what it refuses
 */
export function pushFiles(request: PushRequest, settings: GitSettings): Promise<Pushed> {
  if (!folderPattern.test(request.folder) || /(?:^|\/)\.git(?:\/|$)/i.test(request.folder))
    throw new UsageError(`"${request.folder}" is no folder of a repository`);
  return inGitFolder(settings, async (git) => {
    await refuseBadBranch(git, request.branch);
    if (request.base !== undefined) await refuseBadBranch(git, request.base);
    await git.git('remote', 'add', 'origin', request.address.url);
    const remote = await remoteHeads(git);
    const base = request.base ?? remote.main;
    const hasBranch = remote.heads.has(request.branch);
    await begin(git, hasBranch ? request.branch : base, remote.heads);
    await writeFiles(join(git.folder, request.folder), request.files);
    await git.git('add', '--all', '--force', '--', request.folder);
    if ((await git.git('status', '--porcelain')) === '')
      return { outcome: 'unchanged', commit: undefined, base, hasBranch };
    await git.git(...author, 'commit', '--quiet', '--no-verify', `--message=${request.message}`);
    await git.git('push', '--quiet', 'origin', `HEAD:refs/heads/${request.branch}`);
    const commit = (await git.git('rev-parse', 'HEAD')).trim();
    return { outcome: 'pushed', commit, base, hasBranch: true };
  });
}

const author = ['-c', 'user.name=Phoenix', '-c', 'user.email=phoenix@localhost'];

async function refuseBadBranch({ git }: GitFolder, name: string): Promise<void> {
  const isName = await git('check-ref-format', `refs/heads/${name}`).then(
    () => !name.startsWith('-'),
    () => false,
  );
  if (!isName) throw new UsageError(`"${name}" is no name of a branch`);
}

type Heads = { readonly heads: ReadonlySet<string>; readonly main: string };

async function remoteHeads({ git }: GitFolder): Promise<Heads> {
  const lines = (await git('ls-remote', '--symref', 'origin', 'HEAD', 'refs/heads/*')).split('\n');
  const main = lines.map((line) => /^ref: refs\/heads\/(\S+)\tHEAD$/.exec(line)?.[1]);
  const heads = lines.map((line) => /^[0-9a-f]+\trefs\/heads\/(\S+)$/.exec(line)?.[1]);
  return {
    heads: new Set(heads.filter((name) => name !== undefined)),
    main: main.find((name) => name !== undefined) ?? 'main',
  };
}

/** A repository without commits begins with ours. */
async function begin({ git }: GitFolder, branch: string, heads: ReadonlySet<string>): Promise<void> {
  if (heads.size === 0) return;
  if (!heads.has(branch)) throw new UsageError(`the repository has no branch "${branch}"`);
  await git('fetch', '--quiet', '--depth=1', '--no-tags', 'origin', `refs/heads/${branch}`);
  await git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
}

async function writeFiles(folder: string, files: readonly File[]): Promise<void> {
  await removeOlder(folder, new Set(files.map(({ path }) => path)));
  for (const { path, content } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** An object that is no longer exported must not go on being applied. */
async function removeOlder(folder: string, wanted: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.yaml') && !wanted.has(one))) {
    const file = join(folder, name);
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.includes(OURS)) await rm(file);
  }
}
