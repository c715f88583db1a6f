import type { PipelineExportAnswer } from '#lib/client';
import { ownEnvironment } from '../cli.config.js';
import { UsageError } from '../exit-codes.js';
import { gitAddress, safeProtocols, type GitAddress } from './git-address.js';
import { apiUrlOf, propose, providerOf, type Proposed } from './pull-request.js';
import { pushFiles, type Pushed } from './push-files.js';

export interface GitOptions {
  readonly git?: string;
  readonly branch?: string;
  readonly base?: string;
  readonly path?: string;
  readonly pullRequest: boolean;
  readonly provider?: string;
  readonly apiUrl?: string;
}

/** What a machine gives: its environment, and which protocols it lets git speak. */
export type Surroundings = {
  readonly environment: NodeJS.ProcessEnv;
  readonly protocols: readonly string[];
};

export type Published = Pushed & {
  readonly pullRequest: Proposed | undefined;
  /** The same for people, line by line. */
  readonly words: readonly string[];
};

/**
 * Puts an export on a branch of a repository and proposes it there. It runs where the token is: on the machine of
 * whoever asks, never on the server. Doing it twice changes nothing.
 * @throws UsageError, GitError, ProviderError
 */
export async function publish(
  exported: PipelineExportAnswer,
  options: GitOptions & { readonly git: string; readonly name?: string },
  { environment, protocols }: Surroundings = { environment: ownEnvironment(), protocols: safeProtocols },
): Promise<Published> {
  const { branch, pullRequest } = options;
  if (branch === undefined) throw new UsageError('--git needs --branch');
  const address = gitAddress(options.git, protocols);
  const token = environment['PHOENIX_GIT_TOKEN'];
  const proposal = pullRequest ? proposalOf(address, options, token) : undefined;
  const name = options.name ?? 'phoenix-pipeline';
  const title = `Pipeline ${name}: ${exported.format} ${exported.hash.slice(0, 12)}`;
  const pushed = await pushFiles(
    {
      ...{ address, branch, message: title, files: exported.files },
      folder: options.path ?? `phoenix/${name}`,
      ...(options.base !== undefined && { base: options.base }),
    },
    { protocols, token, environment },
  );
  const { base, hasBranch } = pushed;
  // Without a difference to its base there is nothing to propose, and providers refuse it.
  const isDifferent = hasBranch && branch !== base;
  const text = [`Content ${exported.hash}.`, ...exported.warnings.map(({ message }) => `- ${message}`)].join(
    '\n',
  );
  const proposed =
    proposal && isDifferent
      ? await propose({ ...proposal, path: address.path, branch, base, title, text })
      : undefined;
  return { ...pushed, pullRequest: proposed, words: wordsOf(pushed, branch, proposed) };
}

function proposalOf(address: GitAddress, options: GitOptions, token: string | undefined) {
  if (token === undefined || token === '')
    throw new UsageError('--pull-request needs a token in PHOENIX_GIT_TOKEN');
  const provider = providerOf(address, options.provider);
  return { provider, token, apiUrl: options.apiUrl ?? apiUrlOf(provider, address) };
}

function wordsOf(
  { commit, outcome }: Pushed,
  branch: string,
  proposed: Proposed | undefined,
): readonly string[] {
  return [
    outcome === 'pushed' ? `pushed ${commit?.slice(0, 12) ?? ''} to ${branch}` : 'nothing has changed',
    ...(proposed === undefined ? [] : [`${proposed.outcome} ${proposed.url}`]),
  ];
}
