import type { Command } from 'commander';
import type { FleetAnswer, PhoenixClient } from '#lib/client';
import { findConnection } from './cli.config.js';
import { exitCodes } from './exit-codes.js';
import { clockCheck, hostChecks, type Check } from './host-checks.js';
import { openSession } from './session.js';
import { print, type Terminal } from './terminal.js';

/** More commits than this waiting for a view are worth a word. */
const LAG_LIMIT = 1_000;

/** `phoenix doctor`: what does not work, each with its fix; exit code 1 when something does not. */
export function addDoctor(program: Command, terminal: () => Terminal): void {
  program
    .command('doctor')
    .description('check what Phoenix needs, with a fix for what is wrong')
    .action(async () => {
      const checks = await examine();
      print(terminal(), checks, () => checks.map(line).join('\n'));
      if (checks.some(({ ok }) => !ok)) process.exitCode = exitCodes.error;
    });
}

async function examine(): Promise<readonly Check[]> {
  const { agent, apiUrl } = findConnection();
  const [ready, host] = await Promise.all([readiness(apiUrl), agent === undefined ? [] : hostChecks(agent)]);
  const fleet = ready.every(({ ok }) => ok) ? await fleetChecks(await openSession()) : [];
  return [...ready, ...fleet, ...host];
}

async function readiness(apiUrl: string): Promise<readonly Check[]> {
  try {
    const answer = await fetch(`${apiUrl}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    // eslint-disable-next-line no-restricted-properties -- this machine's own clock is what is examined
    const clock = clockCheck(answer.headers.get('date'), Date.now());
    const { checks } = (await answer.json()) as {
      readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[];
    };
    const parts = checks.map(({ name, ok, reason }) => ({
      name: `command-api ${name}`,
      ok,
      detail: reason ?? 'ready',
      ...(ok ? {} : { fix: 'look at the log of the part that is named' }),
    }));
    return [...parts, clock];
  } catch {
    const fix = 'start it with `npm start`, or correct PHOENIX_API_URL';
    return [{ name: 'command-api', ok: false, detail: `nothing answers at ${apiUrl}`, fix }];
  }
}

async function fleetChecks(session: PhoenixClient): Promise<readonly Check[]> {
  const { hosts, projections } = await session.get<FleetAnswer>('/fleet/status');
  return [
    ...projections.map(({ name, lag }) => ({
      name: `projection ${name}`,
      ok: lag <= LAG_LIMIT,
      detail: `${lag} commits behind`,
      ...(lag <= LAG_LIMIT ? {} : { fix: 'is the projector running and its database reachable?' }),
    })),
    {
      name: 'hosts',
      ok: hosts.online > 0 && hosts.offline === 0,
      detail: `${hosts.online} of ${hosts.total} online`,
      ...(hosts.online > 0 && hosts.offline === 0
        ? {}
        : { fix: 'run `phoenix-agent doctor` on a host that is not online' }),
    },
  ];
}

function line({ ok, name, detail, fix }: Check): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}${fix === undefined ? '' : `. Fix: ${fix}`}`;
}
