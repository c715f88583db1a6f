import { UsageError } from '../exit-codes.js';

/** Ways to a repository that carry nothing in clear. Tests add `file` and `http`. */
export const safeProtocols = ['https', 'ssh'] as const;

/** A repository by its address: where git goes, and what a provider calls it. */
export type GitAddress = {
  readonly url: string;
  readonly protocol: string;
  readonly host: string;
  /** `owner/name`, or deeper groups, without `.git`. */
  readonly path: string;
};

/** The short form of ssh, `git@host:owner/name.git`. */
const shortForm = /^([A-Za-z0-9_.-]+)@([A-Za-z0-9.-]+):([^:/][^:]*)$/;

/** @throws UsageError where the address is none, of another protocol, or carries a user with a password */
export function gitAddress(text: string, protocols: readonly string[] = safeProtocols): GitAddress {
  const url = urlOf(text);
  const protocol = url.protocol.slice(0, -1);
  if (!protocols.includes(protocol))
    throw new UsageError(`--git takes ${protocols.join(' or ')}, not ${protocol}`);
  if (url.password !== '' || (url.username !== '' && protocol !== 'ssh'))
    throw new UsageError('--git takes no user and no token; put the token into PHOENIX_GIT_TOKEN');
  return { url: url.href, protocol, host: url.host, path: pathOf(url) };
}

/** A part that begins with a dash would be an option to git or ssh. */
function urlOf(text: string): URL {
  const [, user, host, path] = shortForm.exec(text) ?? [];
  const long = user === undefined ? text : `ssh://${user}@${host ?? ''}/${path ?? ''}`;
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(long)) throw new UsageError('--git takes an address');
  const url = new URL(long);
  if ([url.username, url.hostname].some((part) => part.startsWith('-')))
    throw new UsageError('--git takes an address');
  return url;
}

function pathOf({ pathname }: URL): string {
  return decodeURIComponent(pathname)
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '');
}
