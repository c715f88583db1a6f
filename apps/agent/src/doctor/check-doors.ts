import type { AgentConfig } from '../agent.config.js';
import { readStatus, type AgentStatus } from '../run/status-file.js';
import type { Finding } from './finding.js';

type DoorStatus = NonNullable<AgentStatus['doors']>[number];

/** How each door stood when the agent last wrote its status, the best one first. */
export async function checkDoors({ PHOENIX_AGENT_DIR: folder }: AgentConfig): Promise<Finding> {
  const { doors = [], rotation } = (await readStatus(folder)) ?? {};
  if (doors.length === 0) return { detail: 'the agent has not said yet' };
  const detail = [...doors.map(doorLine), ...(rotation === undefined ? [] : [`rotation: ${rotation}`])].join(
    '; ',
  );
  if (doors.some(({ state }) => state === 'in-use')) return { detail };
  const isSilent = doors.some(({ state }) => state === 'silent');
  const fix = isSilent
    ? 'the leaf answers and the hub behind it does not: look at /leafz of the leaf, and at the hub'
    : 'see the check of the link';
  return { detail, fix };
}

/** The way in use, as `by leaf leaf-1 since …`. */
export function wayOf({ link }: AgentStatus): string {
  if (link === undefined) return '';
  const server = link.server === undefined ? '' : ` ${link.server}`;
  const since = link.since === undefined ? '' : ` since ${link.since}`;
  return ` by ${link.door}${server}${since}`;
}

function doorLine({ lastFailure, name, since, state }: DoorStatus): string {
  const failed = lastFailure === undefined ? '' : ` (failed at ${lastFailure.at}: ${lastFailure.reason})`;
  return `${name} ${state} since ${since}${failed}`;
}
