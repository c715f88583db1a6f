import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { openLink, reasonOf, systemClock } from '#lib/agent-core';
import type { AgentConfig } from '../agent.config.js';
import { findCollector } from '../collectors/find-collector.js';
import { byRlimit } from '../collectors/memory-cap.js';
import { collectorPrivileges } from '../collectors/privileges.js';
import { freePort } from '../machine/ports.js';
import { isAgentRunning } from '../run/agent-lock.js';
import { hostDoor } from '../run/host-door.js';
import { readStatus } from '../run/status-file.js';
import { checkAttributes } from './check-attributes.js';
import { checkDoors, wayOf } from './check-doors.js';
import { checkIngress } from './check-ingress.js';
import type { Check, Finding } from './finding.js';

const LINK_BUDGET_MS = 5_000;
const STALE_MS = 60_000;
const CLOCK_STEP_MS = 5_000;
const LOW_DISK_BYTES = 200 * 1024 * 1024;
const DEEP_OUTBOX = 100;
/** No room on the disk, or none for this user. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Everything that an agent needs, in the order in which it needs it. */
export const checks: readonly Check[] = [
  { name: 'enrolment', run: checkEnrolment },
  { name: 'disk', run: checkDisk },
  { name: 'ports', run: checkPorts },
  { name: 'collector', run: checkCollector },
  { name: 'attributes', run: checkAttributes },
  { name: 'link', run: checkLink },
  { name: 'backend', run: checkBackend },
  { name: 'agent', run: checkAgent },
  { name: 'doors', run: checkDoors },
  { name: 'outbox', run: checkOutbox },
  { name: 'ingress', run: checkIngress },
  { name: 'last refusal', run: checkRefusal },
];

async function checkEnrolment(config: AgentConfig): Promise<Finding> {
  try {
    const { host, tenant } = await hostDoor(config);
    return { detail: `host ${host} of tenant ${tenant}` };
  } catch (error) {
    return {
      detail: reasonOf(error),
      fix: 'make a token (POST /api/v1/fleet/enrolment-tokens), then run `phoenix-agent enrol`',
    };
  }
}

async function checkDisk({ PHOENIX_AGENT_DIR: folder }: AgentConfig): Promise<Finding> {
  const probe = join(folder, '.doctor');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(probe, 'x', { flush: true });
    await rm(probe);
    const { bavail, bsize } = await statfs(folder);
    const detail = `${folder} is writable, ${Math.round((bavail * bsize) / 2 ** 20)} MiB free`;
    return bavail * bsize < LOW_DISK_BYTES
      ? { detail, fix: 'free some space: windows and results wait there' }
      : { detail };
  } catch (error) {
    const isFull = FULL.has(String((error as NodeJS.ErrnoException).code));
    const fix = isFull
      ? `free some space below ${folder}: windows and results wait there`
      : `make ${folder} writable for this user, or set PHOENIX_AGENT_DIR`;
    return { detail: reasonOf(error), fix };
  }
}

async function checkPorts(): Promise<Finding> {
  try {
    return { detail: `loopback gives free ports (${await freePort()})` };
  } catch (error) {
    return { detail: reasonOf(error), fix: 'allow this user to listen on 127.0.0.1' };
  }
}

async function checkCollector({
  PHOENIX_AGENT_DIR: folder,
  PHOENIX_OTELCOL,
  path,
}: AgentConfig): Promise<Finding> {
  try {
    const program = await findCollector(PHOENIX_OTELCOL, path);
    if (program === undefined)
      return {
        detail: 'none found: the built-in one stands in',
        fix: 'install otelcol-contrib, or set PHOENIX_OTELCOL',
      };
    // Only the agent knows whether it was given groups; asking for them here would move the doctor into one.
    const [privileges, cap] = await Promise.all([collectorPrivileges(), capOf(folder)]);
    const detail = `${program.path} ${program.version}, ${privileges.description}, ${cap}`;
    return { detail };
  } catch (error) {
    return {
      detail: reasonOf(error).split('\n')[0] ?? '',
      fix: 'set PHOENIX_OTELCOL to a collector that runs',
    };
  }
}

/** What the agent here found when it started, else what there is without it. */
async function capOf(folder: string): Promise<string> {
  const told = (await readStatus(folder))?.collector;
  const found = told === undefined ? undefined : /memory (?:and CPU )?of candidates .*$/s.exec(told)?.[0];
  return found ?? (await byRlimit('')).description;
}

async function checkLink(config: AgentConfig): Promise<Finding> {
  const url = config.PHOENIX_AGENT_NATS_URL;
  const complaints: string[] = [];
  try {
    const { host, identity } = await hostDoor(config);
    const log = { info: () => undefined, warn: (fields: object) => complaints.push(JSON.stringify(fields)) };
    const link = openLink({
      url,
      identity,
      inboxPrefix: `_INBOX_${host}`,
      name: 'doctor',
      clock: systemClock,
      log,
    });
    // A timer that nobody waits for any more would keep the doctor from ending.
    const enough = new AbortController();
    const isUp = await Promise.race([
      new Promise<true>((resolve) => link.onConnect(() => resolve(true))),
      systemClock.sleep(LINK_BUDGET_MS, enough.signal).then(
        () => false,
        () => false,
      ),
    ]);
    enough.abort(new Error('answered'));
    await link.close();
    if (isUp) return { detail: `${url} accepts this host` };
  } catch (error) {
    complaints.push(reasonOf(error));
  }
  return {
    detail: `${url}: ${complaints.at(-1) ?? 'no answer'}`,
    fix: 'start the leaf nats-server, check its address and password',
  };
}

async function checkBackend({ PHOENIX_BACKEND_OTLP: endpoint }: AgentConfig): Promise<Finding> {
  if (endpoint === undefined) return { detail: 'none configured: data ends in the local sink' };
  const { hostname, port, protocol } = new URL(endpoint);
  const target = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return new Promise((resolve) => {
    const socket = connectTcp({ host: hostname, port: target, timeout: LINK_BUDGET_MS });
    const settle = (finding: Finding): void => {
      socket.destroy();
      resolve(finding);
    };
    const unreachable = {
      detail: `${endpoint} is unreachable`,
      fix: 'check PHOENIX_BACKEND_OTLP and the way there',
    };
    socket.once('connect', () => settle({ detail: `${endpoint} is reachable` }));
    socket.once('timeout', () => settle(unreachable));
    socket.once('error', () => settle(unreachable));
  });
}

async function checkAgent({ PHOENIX_AGENT_DIR: folder }: AgentConfig): Promise<Finding> {
  const status = await readStatus(folder);
  const fix = 'start it with `phoenix-agent run`';
  if (status === undefined) return { detail: 'never ran in this folder', fix };
  const age = systemClock.now() - Date.parse(status.at);
  const lastHeard = `last heard of ${Math.round(age / 1000)} s ago`;
  if (!(await isAgentRunning(folder))) return { detail: `does not run, ${lastHeard}`, fix };
  if (age < -CLOCK_STEP_MS)
    return { detail: 'its status is from the future', fix: 'the clock was set back: synchronise it' };
  if (age > STALE_MS) return { detail: `runs, but ${lastHeard}`, fix: 'it hangs: start it again' };
  // Written every few seconds, so without a link now the leaf or the hub behind it is at fault.
  if (!status.isLinked) return { detail: 'runs, not linked', fix: 'see the check of the link' };
  return { detail: `runs, linked${wayOf(status)}, meter on port ${status.meterPort}` };
}

async function checkOutbox({ PHOENIX_AGENT_DIR: folder }: AgentConfig): Promise<Finding> {
  const outbox = (await readStatus(folder))?.outbox;
  if (outbox === undefined) return { detail: 'empty' };
  const { failure, metrics, results } = outbox;
  if (failure !== undefined)
    return { detail: `outbox-unavailable: ${failure}`, fix: 'free some space or repair the disk' };
  const detail = `${results} results and ${metrics} windows wait`;
  return results + metrics > DEEP_OUTBOX
    ? { detail, fix: 'the hub does not acknowledge: check leaf and hub' }
    : { detail };
}

async function checkRefusal({ PHOENIX_AGENT_DIR: folder }: AgentConfig): Promise<Finding> {
  return { detail: (await readStatus(folder))?.lastRefusal ?? 'none since the agent started' };
}
