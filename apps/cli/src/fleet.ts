import type { Command } from 'commander';
import type { FleetAnswer, HostAnswer, PageAnswer } from '#lib/client';
import { addDebug } from './fleet-debug.js';
import { addFleetAccess } from './fleet-access.js';
import { openSession } from './session.js';
import { print, table, type Terminal } from './terminal.js';

/** `phoenix fleet`: how many hosts there are, and each with what it runs; below it, who may come in. */
export function addFleet(program: Command, terminal: () => Terminal): void {
  const fleet = program
    .command('fleet')
    .description('hosts, their state and what they run')
    .action(async () => {
      const session = await openSession();
      const status = await session.get<FleetAnswer>('/fleet/status');
      const { items } = await session.get<PageAnswer<HostAnswer>>('/fleet/hosts');
      print(terminal(), { status, hosts: items }, () => {
        const { total, online, suspect, offline, enrolled, revoked } = status.hosts;
        return [
          `${total} hosts: ${online} online, ${suspect} suspect, ${offline} offline, ${enrolled} never heard, ${revoked} revoked`,
          table(['ID', 'STATUS', 'COLLECTOR', 'RUNS', 'ROTATES', 'LAST ERROR'], items.map(hostRow)),
        ].join('\n');
      });
    });
  addDebug(fleet, terminal);
  addFleetAccess(fleet, terminal);
}

function hostRow({ id, status, collectors, inventory, lastError, ...more }: HostAnswer): readonly string[] {
  const { kind, version } = inventory.collector;
  const runs = collectors.map(({ variant, configHash }) => `${variant}@${configHash.slice(0, 8)}`).join(' ');
  return [id, status, `${kind} ${version}`, runs, more.rotationRequestedAt ?? '', lastError ?? ''];
}
