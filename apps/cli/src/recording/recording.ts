import type { Command } from 'commander';
import type { RecordingAnswer } from '#lib/client';
import { wholeNumber } from '../experiment/values.js';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';
import { addCapture } from './capture.js';
import { addFleetOptions, fleetIn, type FleetOptions } from './fleet-options.js';

interface CreateOptions extends FleetOptions {
  readonly within?: string;
}

/** `phoenix recording list|create|capture|show|delete`. */
export function addRecording(program: Command, terminal: () => Terminal): void {
  const recording = program
    .command('recording')
    .description('what fleets were scraped of, kept for previews');
  recording
    .command('list')
    .description('recordings, newest first')
    .action(async () => {
      const session = await openSession();
      const { items } = await session.get<{ readonly items: readonly RecordingAnswer[] }>(RECORDINGS);
      print(terminal(), items, () =>
        table(['ID', 'KIND', 'HOSTS', 'POINTS', 'SERIES', 'EXPIRES'], items.map(row)),
      );
    });
  addFleetOptions(recording.command('create'))
    .description('make a fleet up and keep what it would be scraped of')
    .option('--within <seconds>', 'it expires after this long; a week when left out')
    .action((options: CreateOptions) => create(terminal(), options));
  addCapture(recording, terminal);
  recording
    .command('show <id>')
    .description('one recording')
    .action(async (id: string) => {
      const session = await openSession();
      const found = await session.get<RecordingAnswer>(pathOf(id));
      print(terminal(), found, () => recordingText(found));
    });
  recording
    .command('delete <id>')
    .description('throw a recording away')
    .action(async (id: string) => {
      const session = await openSession();
      const gone = await session.send<RecordingAnswer>('DELETE', pathOf(id));
      print(terminal(), gone, () => `${id} is deleted`);
    });
}

const RECORDINGS = '/recordings';

function pathOf(id: string): string {
  return `${RECORDINGS}/${encodeURIComponent(id)}`;
}

async function create(terminal: Terminal, options: CreateOptions): Promise<void> {
  const { within } = options;
  const body = {
    fleet: fleetIn(options) ?? {},
    ...(within !== undefined && { expiresInSeconds: wholeNumber('--within', within) }),
  };
  const session = await openSession();
  const made = await session.post<RecordingAnswer>(RECORDINGS, { body });
  print(terminal, made, () =>
    [
      recordingText(made),
      `use:    phoenix pipeline preview --candidate topk --recording ${made.id}`,
      `undo:   phoenix recording delete ${made.id}`,
    ].join('\n'),
  );
}

function row({ expiresAt, hosts, id, kind, points, series }: RecordingAnswer): readonly (string | number)[] {
  return [id, kind, hosts, points, series, expiresAt];
}

function recordingText(recording: RecordingAnswer): string {
  const { bytes, durationSeconds, expiresAt, hosts, id, points, series, source } = recording;
  return [
    `${id}: ${source}`,
    `${hosts} host(s), ${points} points of ${series} series in ${durationSeconds} s, ${bytes} bytes, until ${expiresAt}`,
  ].join('\n');
}
