import { ownerOf } from './address-plan.js';
import { iproute, iprouteNow } from './iproute.js';

interface Named {
  readonly name?: string;
  readonly ifname?: string;
}

const LIST = { namespaces: ['-j', 'netns', 'list'], links: ['-j', 'link', 'show'] } as const;

/** Removes namespaces and links of campaigns that are no more: only such as carry the number of a dead process. */
export async function removeLeftovers(): Promise<readonly string[]> {
  const isLeft = (name: string): boolean => {
    const owner = ownerOf(name);
    return owner !== undefined && !isAlive(owner);
  };
  const links = namesIn(await iproute('ip', ...LIST.links)).filter(isLeft);
  for (const name of links) await iproute('ip', 'link', 'del', name);
  const namespaces = namesIn(await iproute('ip', ...LIST.namespaces)).filter(isLeft);
  for (const name of namespaces) await iproute('ip', 'netns', 'del', name);
  return [...links, ...namespaces];
}

/** Removes what this process made, as far as it is there. For a process that may be about to end. */
export function removeOwn(): void {
  const isOwn = (name: string): boolean => ownerOf(name) === process.pid;
  for (const name of namesIn(iprouteNow('ip', ...LIST.links)).filter(isOwn))
    iprouteNow('ip', 'link', 'del', name);
  for (const name of namesIn(iprouteNow('ip', ...LIST.namespaces)).filter(isOwn))
    iprouteNow('ip', 'netns', 'del', name);
}

/** Reads what `ip -j` lists; it prints nothing at all where there is nothing. */
export function namesIn(json: string): readonly string[] {
  if (json.trim() === '') return [];
  return (JSON.parse(json) as readonly Named[]).map(({ ifname, name }) => name ?? ifname ?? '');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
