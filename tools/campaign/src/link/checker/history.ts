import type { HistoryLine, Lane, LineOf, LineType } from '../history/lines.js';

/** The numbering of one outbox: one host, one epoch. */
export interface OutboxHistory {
  readonly host: string;
  readonly epoch: string;
  /** False when the host went on under another epoch: what was not acknowledged then is gone with the disk. */
  readonly isLast: boolean;
}

/** A history by its kinds of lines. Lines of one host stand in the order in which it wrote them. */
export class History {
  private readonly byType = new Map<LineType, HistoryLine[]>();
  readonly outboxes: readonly OutboxHistory[];

  constructor(lines: readonly HistoryLine[]) {
    for (const line of lines) {
      const same = this.byType.get(line.type) ?? [];
      same.push(line);
      this.byType.set(line.type, same);
    }
    this.outboxes = outboxesOf(this.all('boot'));
  }

  all<Type extends LineType>(type: Type): readonly LineOf<Type>[] {
    return (this.byType.get(type) ?? []) as unknown as readonly LineOf<Type>[];
  }

  /** Moments from which messages may have been held up: a fault begins, or what was cut off comes back. */
  disturbances(): readonly (LineOf<'fault'> | LineOf<'link-healed'>)[] {
    return [...this.all('fault'), ...this.all('link-healed')];
  }

  /** Lines of one outbox. */
  of<Type extends 'boot' | 'appending' | 'appended' | 'cursor' | 'handed' | 'effect' | 'stored'>(
    type: Type,
    { epoch, host }: Pick<OutboxHistory, 'host' | 'epoch'>,
  ): readonly LineOf<Type>[] {
    return this.all(type).filter((line) => {
      const owner = line as { readonly host: string; readonly epoch: string };
      return owner.host === host && owner.epoch === epoch;
    });
  }

  /** What the hub holds of a lane of an outbox. */
  stored(outbox: OutboxHistory, lane: Lane): readonly LineOf<'stored'>[] {
    const stream = lane === 'results' ? 'UPLINK' : 'METRICS';
    return this.of('stored', outbox).filter((line) => line.stream === stream);
  }

  /** What a host wrote into its results and the hub got: a number may have been given again after a crash. */
  told(outbox: OutboxHistory): readonly LineOf<'appending'>[] {
    const arrived = new Set(this.stored(outbox, 'results').map(({ hash, n }) => `${n} ${hash}`));
    return this.of('appending', outbox).filter(
      ({ hash, lane, n }) => lane === 'results' && arrived.has(`${n} ${hash}`),
    );
  }

  /** Highest number of a lane that was on the host's disk; 0 when none was. */
  lastAppended(outbox: OutboxHistory, lane: Lane): number {
    return this.lastOf('appended', outbox, lane);
  }

  /** Where the cursor of a lane stood in the end. */
  lastCursor(outbox: OutboxHistory, lane: Lane): number {
    return this.lastOf('cursor', outbox, lane);
  }

  isWipedAfter(host: string, at: string): boolean {
    return this.all('wiped').some((line) => line.host === host && line.at >= at);
  }

  private lastOf(type: 'appended' | 'cursor', outbox: OutboxHistory, lane: Lane): number {
    return this.of(type, outbox).reduce(
      (most, line) => (line.lane === lane ? Math.max(most, line.n) : most),
      0,
    );
  }
}

function outboxesOf(boots: readonly LineOf<'boot'>[]): readonly OutboxHistory[] {
  const epochs = new Map<string, string[]>();
  for (const { epoch, host } of boots) {
    const known = epochs.get(host) ?? [];
    if (!known.includes(epoch)) known.push(epoch);
    epochs.set(host, known);
  }
  return [...epochs].flatMap(([host, list]) =>
    list.map((epoch, index) => ({ host, epoch, isLast: index === list.length - 1 })),
  );
}

/** Lines by a key, each group in its order. */
export function grouped<Line>(lines: readonly Line[], keyOf: (line: Line) => string): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groups.get(keyOf(line)) ?? [];
    group.push(line);
    groups.set(keyOf(line), group);
  }
  return groups;
}
