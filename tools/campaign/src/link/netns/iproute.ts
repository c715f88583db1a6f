import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Why there can be no network of namespaces here, in one line. */
export class NetworkUnavailable extends Error {
  override readonly name = 'NetworkUnavailable';
}

const run = promisify(execFile);
type Command = readonly [program: 'ip' | 'tc', ...args: string[]];

/** Runs `ip` or `tc`, and answers what it printed. @throws NetworkUnavailable with what it complained of */
export async function iproute(...[program, ...args]: Command): Promise<string> {
  try {
    return (await run(program, args)).stdout;
  } catch (error) {
    throw unavailable([program, ...args], error);
  }
}

/** The same at once, for a process that is about to end. */
export function iprouteNow(...[program, ...args]: Command): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw unavailable([program, ...args], error);
  }
}

function unavailable([program, ...args]: Command, error: unknown): NetworkUnavailable {
  const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
  if (code === 'ENOENT') return new NetworkUnavailable(`--netns needs ${program} of iproute2`);
  const complaint = stderr.trim().split('\n')[0] ?? '';
  return new NetworkUnavailable(`--netns: ${program} ${args.join(' ')}: ${complaint}`);
}
