import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BUDGET_MS = 120_000;
const MAX_OUTPUT_BYTES = 10_000_000;

/** Thrown when git refuses or fails; the message holds what git said, without the token. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/** A clone of its own in a folder of its own, and git in it. */
export type GitFolder = {
  readonly folder: string;
  /** Runs git without a shell and returns what it printed. @throws GitError */
  readonly git: (...args: readonly string[]) => Promise<string>;
};

export type GitSettings = {
  readonly protocols: readonly string[];
  readonly token: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
};

/** Git asks this for a user and a password; it answers from its environment, so no argument shows the token. */
const askPass = `#!/bin/sh
case "$1" in
  Username*) printf '%s' "$PHOENIX_GIT_USER" ;;
  *) printf '%s' "$PHOENIX_GIT_TOKEN" ;;
esac
`;

/** What a repository holds must run nothing here, and its links must lead nowhere. */
const careful = [
  ['core.hooksPath', '/dev/null'],
  ['core.symlinks', 'false'],
  ['core.fsmonitor', 'false'],
  ['core.autocrlf', 'false'],
  ['commit.gpgSign', 'false'],
  ['credential.helper', ''],
  ['submodule.recurse', 'false'],
  ['gc.auto', '0'],
].flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/** Gives `work` an empty repository and takes it away afterwards. */
export async function inGitFolder<T>(
  settings: GitSettings,
  work: (git: GitFolder) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'phoenix-git-'));
  try {
    const helper = join(scratch, 'askpass');
    await writeFile(helper, askPass);
    await chmod(helper, 0o700);
    const folder = join(scratch, 'work');
    const env = environmentOf(settings, helper);
    const git = async (...args: readonly string[]): Promise<string> => {
      try {
        const { stdout } = await run('git', [...careful, ...args], {
          ...{ cwd: scratch, env, timeout: BUDGET_MS, maxBuffer: MAX_OUTPUT_BYTES },
        });
        return stdout;
      } catch (error) {
        throw new GitError(complaint(args, error, settings.token));
      }
    };
    await git('init', '--quiet', '--initial-branch=main', folder);
    return await work({ folder, git: (...args) => git('-C', folder, ...args) });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function environmentOf({ environment, protocols, token }: GitSettings, helper: string) {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...rest } = environment;
  return {
    ...rest,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocols.join(':'),
    GIT_ASKPASS: helper,
    SSH_ASKPASS: helper,
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    PHOENIX_GIT_USER: 'oauth2',
    PHOENIX_GIT_TOKEN: token ?? '',
  };
}

function complaint(args: readonly string[], error: unknown, token: string | undefined): string {
  const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
  if (code === 'ENOENT') return 'there is no git on this machine';
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = lines.slice(-3).join(' / ') || `ended with ${String(code)}`;
  const command = args[0] === '-C' ? args[2] : args[0];
  return `git ${command ?? ''}: ${token === undefined ? said : said.replaceAll(token, '***')}`;
}
