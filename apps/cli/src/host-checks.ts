import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot, searchPaths } from './cli.config.js';

/** What was looked at, and what to do where it is not well. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix?: string;
}

/** Clocks further apart than this make windows fall into wrong minutes. */
const SKEW_LIMIT_MS = 2_000;

/** Compares this machine's clock with an answer's `Date`, which has whole seconds. `now` is ms since the epoch. */
export function clockCheck(date: string | null, now: number): Check {
  const there = Date.parse(date ?? '');
  if (Number.isNaN(there)) return { name: 'clock', ok: true, detail: 'the server tells no time' };
  const apart = Math.max(0, Math.abs(now - (there + 500)) - 500);
  const detail = `${(apart / 1000).toFixed(1)} s or less apart from command-api`;
  return apart <= SKEW_LIMIT_MS
    ? { name: 'clock', ok: true, detail }
    : {
        name: 'clock',
        ok: false,
        detail: `at least ${detail.replace(' or less', '')}`,
        fix: 'synchronise the clocks of both machines (NTP)',
      };
}

/** Lets the agent of this host examine itself: its folder, ports, collector, leaf, outbox. */
export function hostChecks(agent: Readonly<Record<string, string>>): Promise<readonly Check[]> {
  const main = join(repositoryRoot(), 'bin', 'phoenix-agent.mjs');
  const env = { ...searchPaths(), ...agent };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'doctor', '--json'], { env }, (_error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      if (lines.length > 0) resolve(lines.map(checkOf));
      else resolve([{ name: 'host', ok: false, detail: stderr.trim(), fix: 'run `npm run build`' }]);
    });
  });
}

function checkOf(line: string): Check {
  const found = JSON.parse(line) as { readonly name: string; readonly detail: string; readonly fix?: string };
  return { ...found, name: `host ${found.name}`, ok: found.fix === undefined };
}
