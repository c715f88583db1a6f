import type { PlacedTaskMessage, TaskHost } from '#lib/database';
import { parseTaskSubject, taskMessageSchema } from '#lib/events';
import type { StoredMessage } from '#lib/platform';

export interface TaskIngestParts {
  readonly records: {
    position(): Promise<number>;
    take(messages: readonly PlacedTaskMessage[], sequence: number): Promise<void>;
  };
  readonly desk: { arrived(host: TaskHost): Promise<void> };
  readonly warn: (line: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Takes what is asked for in TASKS into the table, batch by batch, and tells the desk. */
export class TaskIngest {
  constructor(private readonly parts: TaskIngestParts) {}

  /** Sequence of TASKS behind which reading goes on. */
  position(): Promise<number> {
    return this.parts.records.position();
  }

  /** @throws what the database throws; nothing of the batch is taken then */
  async take(batch: readonly StoredMessage[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const placed = batch.flatMap((message) => this.read(message) ?? []);
    await this.parts.records.take(placed, last.sequence);
    const hosts = new Map(placed.map(({ tenant, host }) => [`${tenant}.${host}`, { tenant, host }]));
    for (const host of hosts.values())
      this.parts.desk
        .arrived(host)
        .catch((error: unknown) => this.parts.warn('tasks not handed over yet', { err: error, ...host }));
  }

  private read({ subject, sequence, data }: StoredMessage): PlacedTaskMessage | undefined {
    const to = parseTaskSubject(subject);
    const message = taskMessageSchema.safeParse(parse(data));
    if (to !== undefined && message.success) return { ...to, sequence, message: message.data };
    this.parts.warn('message in TASKS not understood', { subject, sequence });
    return undefined;
  }
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
