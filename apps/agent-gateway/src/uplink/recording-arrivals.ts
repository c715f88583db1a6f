import { createHash } from 'node:crypto';
import { readRecordingReport, type RecordingReport, type TaskResult } from '#lib/agent-protocol';
import type { RecordingTask } from '#lib/database';
import { checkedRecordingHeader, recordingFacts, RecordingError, type RecordingHeader } from '#lib/pipelines';
import { commandIdFrom, idFrom, type Clock, type RecordingStore } from '#lib/platform';
import type { UplinkEnvelope } from './uplink-message.js';

export interface ArrivalsParts {
  readonly parts: {
    isAwaited(task: RecordingTask): Promise<boolean>;
    read(task: RecordingTask): Promise<readonly Uint8Array[]>;
    dropAbandoned(before: string): Promise<void>;
  };
  readonly store: Pick<RecordingStore, 'save'>;
  readonly clock: Pick<Clock, 'now'>;
}

const KEPT_MS = 7 * 86_400_000;
/** A host that says nothing for so long amid a recording is taken to have given it up. */
const ABANDONED_MS = 3_600_000;

type Refused = { readonly refused: string };

/**
 * Makes recordings of what hosts have sent in parts. A recording is written as a whole, under an id that comes from
 * its task, before the result of the task counts: a crash in between writes the same once more, and nobody ever sees
 * a half of one.
 */
export class RecordingArrivals {
  constructor(private readonly using: ArrivalsParts) {}

  /** A message as it is to be recorded: the result of a recording tells its id, or why there is none. */
  async settled(envelope: UplinkEnvelope): Promise<UplinkEnvelope> {
    const { host, message, tenant } = envelope;
    if (message.kind !== 'task-result' || message.outcome !== 'done') return envelope;
    const report = readRecordingReport(message.detail);
    const task = { tenant, host, taskId: message.taskId };
    if (report === undefined || !(await this.using.parts.isAwaited(task))) return envelope;
    const kept = await this.keep(task, report);
    const result: TaskResult =
      typeof kept === 'string'
        ? { ...message, detail: JSON.stringify({ ...report, recording: kept }) }
        : { ...message, outcome: 'failed', detail: `the recording was not kept: ${kept.refused}` };
    return { ...envelope, message: result };
  }

  sweep(): Promise<void> {
    return this.using.parts.dropAbandoned(new Date(this.using.clock.now() - ABANDONED_MS).toISOString());
  }

  private async keep(task: RecordingTask, report: RecordingReport): Promise<string | Refused> {
    const { clock, parts, store } = this.using;
    const pieces = await parts.read(task);
    if (pieces.length < report.parts)
      return { refused: `only ${pieces.length} of its ${report.parts} parts are here` };
    const content = Buffer.concat(pieces.slice(0, report.parts));
    const hash = createHash('sha256').update(content).digest('hex');
    if (content.length !== report.bytes || hash !== report.sha256)
      return { refused: 'its bytes are not those that the host announced' };
    const header = headerOf(content, task);
    if ('refused' in header) return header;
    const id = idFrom('rec', commandIdFrom('recording', task.tenant, task.taskId));
    const expiresAt = new Date(clock.now() + KEPT_MS).toISOString();
    const view = { id, ...recordingFacts(header), expiresAt, bytes: content.length };
    const saved = await store.save(task.tenant, view, content);
    return saved?.id ?? { refused: 'the tenant keeps as many recordings as it may; delete one' };
  }
}

/** Nothing that a host says of itself is believed where the gateway knows better. */
function headerOf(content: Uint8Array, { host, tenant }: RecordingTask): RecordingHeader | Refused {
  try {
    const header = checkedRecordingHeader(content);
    const isOwn = header.tenant === tenant && header.hosts.length === 1 && header.hosts[0] === host;
    if (!isOwn || header.kind !== 'captured') return { refused: 'it says that it comes from somewhere else' };
    return header;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { refused: error.message };
  }
}
