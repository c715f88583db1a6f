import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Accepted } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { openSession } from '../session.js';
import type { Terminal } from '../terminal.js';
import { announce, watching } from './change.js';
import { collect, namesIn, parametersOf, targetsOf } from './values.js';

interface CloneOptions {
  readonly name?: string;
  readonly candidate?: string;
  readonly param: readonly string[];
  readonly host: readonly string[];
  readonly label: readonly string[];
  readonly critical?: string;
}

/** `phoenix experiment clone <id>`: another draft with the same description. */
export function addClone(parent: Command, terminal: () => Terminal): void {
  parent
    .command('clone <id>')
    .description('draft another experiment with the description of this one')
    .option('--name <name>', 'what it is called')
    .option('--candidate <template>', 'another candidate')
    .option('--param <key=value>', 'parameter of that candidate (repeatable)', collect, [])
    .option('--host <id>', 'other target hosts (repeatable)', collect, [])
    .option('--label <key=value>', 'other target hosts by label (repeatable)', collect, [])
    .option('--critical <names>', 'other processes that must not get lost, separated by commas')
    .action(async (id: string, options: CloneOptions) => {
      const body = changesOf(options);
      const session = await openSession();
      const path = `/experiments/${encodeURIComponent(id)}/clone`;
      const accepted = await session.post<Accepted>(path, { body, idempotencyKey: randomUUID() });
      await announce(terminal(), session, accepted, {
        done: `drafted ${accepted.id}, a clone of ${id}`,
        next: `phoenix experiment start ${accepted.id}`,
        watch: watching(accepted.id),
        undo: `phoenix experiment archive ${accepted.id}`,
      });
    });
}

function changesOf({ name, candidate, param, host, label, critical }: CloneOptions): object {
  if (candidate === undefined && param.length > 0)
    throw new UsageError('--param belongs to another candidate: say which with --candidate <template>');
  const targets = targetsOf(host, label);
  return {
    ...(name === undefined ? {} : { name }),
    ...(candidate === undefined
      ? {}
      : { candidate: { kind: 'template', template: candidate, parameters: parametersOf(param) } }),
    ...(targets === undefined ? {} : { targets }),
    ...(critical === undefined ? {} : { criticalProcesses: namesIn(critical) }),
  };
}
