import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';

interface Move {
  readonly name: string;
  readonly description: string;
  /** Body fields that the command's options fill. */
  readonly options: readonly { readonly flag: string; readonly text: string }[];
  readonly done: string;
  /** How to take it back; undefined where there is no way back. */
  readonly undo?: (id: string) => string;
}

const reason = { flag: '--reason <text>', text: 'why; it stays on record' };

const moves: readonly Move[] = [
  {
    name: 'start',
    description: 'freeze targets and pipelines and run both variants',
    options: [],
    done: 'starting',
    undo: (id) => `phoenix experiment stop ${id}`,
  },
  {
    name: 'pause',
    description: 'stop the candidate for now',
    options: [reason],
    done: 'paused',
    undo: (id) => `phoenix experiment resume ${id}`,
  },
  {
    name: 'resume',
    description: 'run the candidate again, with a new warm-up',
    options: [],
    done: 'resumed',
    undo: (id) => `phoenix experiment pause ${id}`,
  },
  { name: 'stop', description: 'stop the candidate without a verdict', options: [reason], done: 'stopping' },
  { name: 'conclude', description: 'ask for the verdict now', options: [], done: 'concluding' },
  {
    name: 'promote',
    description: 'make the candidate the pipeline of every target host',
    options: [reason, { flag: '--despite-verdict', text: 'promote although the verdict does not say so' }],
    done: 'promoting',
    undo: (id) => `phoenix experiment rollback ${id}`,
  },
  {
    name: 'rollback',
    description: 'take every target host back to the baseline',
    options: [reason, { flag: '--instant', text: 'do not drain the candidate first' }],
    done: 'rolling back',
  },
];

interface MoveOptions {
  readonly reason?: string;
  readonly despiteVerdict?: boolean;
  readonly instant?: boolean;
}

/** `phoenix experiment start|pause|resume|stop|conclude|promote|rollback|archive <id>`. */
export function addMoves(parent: Command, terminal: () => Terminal): void {
  for (const move of moves) {
    const command = parent.command(`${move.name} <id>`).description(move.description);
    for (const { flag, text } of move.options) command.option(flag, text);
    command.action(async (id: string, options: MoveOptions) => {
      const session = await openSession();
      const body = bodyOf(move.name, options);
      const path = `/experiments/${encodeURIComponent(id)}/${move.name}`;
      const answer = await session.post<object>(path, { body, idempotencyKey: randomUUID() });
      print(terminal(), answer, () => words(move, id));
    });
  }
  parent
    .command('archive <id>')
    .description('hide a draft or an ended experiment from lists')
    .action(async (id: string) => {
      const session = await openSession();
      const answer = await session.send<object>('DELETE', `/experiments/${encodeURIComponent(id)}`);
      print(terminal(), answer, () => `archived ${id}`);
    });
}

function bodyOf(name: string, options: MoveOptions): object {
  return {
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(name === 'promote' && options.despiteVerdict === true ? { despiteVerdict: true } : {}),
    ...(name === 'rollback' ? { mode: options.instant === true ? 'instant' : 'graceful' } : {}),
  };
}

function words(move: Move, id: string): string {
  const undo = move.undo === undefined ? [] : [`undo:   ${move.undo(id)}`];
  return [`${move.done} ${id}`, `watch:  phoenix experiment status ${id} --watch`, ...undo].join('\n');
}
