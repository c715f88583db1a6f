import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Accepted } from '#lib/client';
import { openSession } from '../session.js';
import type { Terminal } from '../terminal.js';
import { againBy, announce, watching } from './change.js';

interface Move {
  readonly name: string;
  readonly description: string;
  /** Body fields that the command's options fill. */
  readonly options: readonly { readonly flag: string; readonly text: string }[];
  readonly done: string;
  /** How to take it back. */
  readonly undo: (id: string) => string;
  /** A route of its own; `POST /experiments/{id}/<name>` when left out. */
  readonly method?: 'DELETE';
}

const reason = { flag: '--reason <text>', text: 'why; it stays on record' };
const instant = { flag: '--instant', text: 'do not drain the candidate first' };

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
    options: [reason, instant],
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
  {
    name: 'stop',
    description: 'stop the candidate without a verdict',
    options: [reason, instant],
    done: 'stopping',
    undo: againBy,
  },
  {
    name: 'conclude',
    description: 'ask for the verdict now',
    options: [],
    done: 'concluding',
    undo: againBy,
  },
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
    options: [reason, instant],
    done: 'rolling back',
    undo: againBy,
  },
  {
    name: 'archive',
    description: 'hide a draft or an ended experiment from lists',
    options: [],
    done: 'archived',
    undo: againBy,
    method: 'DELETE',
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
      const path = `/experiments/${encodeURIComponent(id)}`;
      const idempotencyKey = randomUUID();
      const accepted =
        move.method === 'DELETE'
          ? await session.send<Accepted>('DELETE', path, { idempotencyKey })
          : await session.post<Accepted>(`${path}/${move.name}`, { body: bodyOf(options), idempotencyKey });
      const { done, undo } = move;
      await announce(terminal(), session, accepted, {
        done: `${done} ${id}`,
        watch: watching(id),
        undo: undo(id),
      });
    });
  }
}

/** Only what was said: an option exists on the commands alone whose route knows the field. */
function bodyOf({ reason: why, despiteVerdict, instant: atOnce }: MoveOptions): object {
  return {
    ...(why === undefined ? {} : { reason: why }),
    ...(despiteVerdict === true ? { despiteVerdict } : {}),
    ...(atOnce === true ? { mode: 'instant' } : {}),
  };
}
