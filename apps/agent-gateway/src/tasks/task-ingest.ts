import type { PlacedTaskMessage, TaskHost, TaskToHandOver } from '#lib/database';
import { parseTaskSubject, taskMessageSchema } from '#lib/events';
import type { StoredMessage } from '#lib/platform';

export interface TaskIngestParts {
  readonly records: {
    position(): Promise<number>;
    take(
      messages: readonly PlacedTaskMessage[],
      sequence: number,
      offerNow: ReadonlySet<PlacedTaskMessage>,
    ): Promise<readonly TaskToHandOver[]>;
  };
  readonly desk: {
    isFree(host: TaskHost): boolean;
    arrived(host: TaskHost, offered?: TaskToHandOver): Promise<void>;
  };
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
    const { desk, records, warn } = this.parts;
    const hosts = byHost(placed);
    const offered = await records.take(placed, last.sequence, this.offerNow(hosts));
    const offeredTo = new Map(offered.map((task) => [nameOf(task), task]));
    for (const [name, [{ tenant, host }]] of hosts)
      desk
        .arrived({ tenant, host }, offeredTo.get(name))
        .catch((error: unknown) => warn('tasks not handed over yet', { err: error, tenant, host }));
  }

  /** The only request of a batch for a host before which nothing stands: it is written once instead of twice. */
  private offerNow(hosts: ReadonlyMap<string, Placed>): ReadonlySet<PlacedTaskMessage> {
    const alone = [...hosts.values()].filter(
      ([placed, ...more]) =>
        more.length === 0 && placed.message.op === 'request' && this.parts.desk.isFree(placed),
    );
    return new Set(alone.map(([placed]) => placed));
  }

  private read({ subject, sequence, data }: StoredMessage): PlacedTaskMessage | undefined {
    const to = parseTaskSubject(subject);
    const message = taskMessageSchema.safeParse(parse(data));
    if (to !== undefined && message.success) return { ...to, sequence, message: message.data };
    this.parts.warn('message in TASKS not understood', { subject, sequence });
    return undefined;
  }
}

type Placed = [PlacedTaskMessage, ...PlacedTaskMessage[]];

function byHost(messages: readonly PlacedTaskMessage[]): ReadonlyMap<string, Placed> {
  const hosts = new Map<string, Placed>();
  for (const placed of messages) {
    const sofar = hosts.get(nameOf(placed));
    if (sofar === undefined) hosts.set(nameOf(placed), [placed]);
    else sofar.push(placed);
  }
  return hosts;
}

const nameOf = ({ tenant, host }: TaskHost): string => `${tenant}.${host}`;

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
