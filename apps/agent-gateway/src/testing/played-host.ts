import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  downTaskSchema,
  hostSubjects,
  OUTBOX_HEADERS,
  type ApplyCollectors,
  type Attempt,
  type DownTask,
  type EnrolResponse,
  type HandOverReply,
  type UplinkMessage,
} from '#lib/agent-protocol';
import type { HostId } from '#lib/events';
import { connectNats, systemClock, type Nats } from '#lib/platform';
import { eventually, tenant, type GatewayHouse } from './gateway-house.js';

/** A host played by the test: it speaks the protocol with its own credential. */
export class PlayedHost {
  /** All that was handed over, in order. */
  readonly received: DownTask[] = [];
  /** What came on its task subject and was no task. */
  readonly refused: string[] = [];
  accepting = true;
  /** Answers everything with this, whatever it has. */
  answering: HandOverReply['status'] | undefined;
  /** Why it rejects what it is handed, while it does. */
  rejecting: string | undefined;
  private readonly leaving = new AbortController();
  private n = 0;
  private lastWord: string | undefined;

  private constructor(
    readonly id: HostId,
    private readonly nats: Nats,
  ) {}

  static async connect({ config, parts }: GatewayHouse, { host, creds }: EnrolResponse): Promise<PlayedHost> {
    const credsFile = join(parts.dir, `${host}.creds`);
    await writeFile(credsFile, creds);
    const { inboxPrefix } = hostSubjects(tenant, host);
    const nats = await connectNats({ url: config.natsUrl, name: host, credsFile, inboxPrefix });
    const played = new PlayedHost(host as HostId, nats);
    void played.takeTasks();
    return played;
  }

  get subjects() {
    return hostSubjects(tenant, this.id);
  }

  get orders(): readonly ApplyCollectors[] {
    return this.received.filter((task) => task.kind === 'ApplyCollectors');
  }

  /** Says hello and gives a sign of life, as an agent of the first release does. */
  beat(generation = 0, name: string = this.id): void {
    this.hello({ host: name, generation });
    this.heartbeat({ host: name, generation });
  }

  /** A hello; `more` replaces or adds fields. */
  hello(more: object = {}): void {
    this.say(this.subjects.hello, { ...this.life(), protocol: 1, epoch: 'e1', ...more });
  }

  /** A heartbeat; `more` replaces or adds fields. */
  heartbeat(more: object = {}): void {
    const agent = { cpuPercent: 0.4, rssBytes: 60e6 };
    const outbox = { results: 0, metrics: 0 };
    this.say(this.subjects.heartbeat, { ...this.life(), agent, outbox, collectors: [], ...more });
  }

  /** Answers a task of which it has said nothing yet. */
  accept(taskId: string): void {
    this.say(this.subjects.reply(taskId), { taskId, status: 'accepted' });
  }

  private life() {
    const at = systemClock.iso();
    return { host: this.id, bootId: 'b1', agentVersion: '0.1.0', at, generation: 0 };
  }

  /** Reports a stage of an order; `again` repeats the last number. */
  async report(order: ApplyCollectors, stage: Attempt['stage'], again = false): Promise<void> {
    const collectors = order.collectors.map(({ variant, configHash }) => ({ variant, configHash }));
    const { generation, taskId } = order;
    const at = systemClock.iso();
    await this.tell({ kind: 'attempt', at, generation, taskId, stage, collectors }, again);
  }

  async tell(message: UplinkMessage, again = false): Promise<void> {
    if (!again) this.n += 1;
    await this.nats.publisher.publish(this.subjects.uplink(message.kind), bytes(message), {
      headers: { [OUTBOX_HEADERS.epoch]: 'e1', [OUTBOX_HEADERS.n]: String(this.n) },
    });
  }

  /** Resolves once the hub has stored a window. */
  async window(body: Uint8Array): Promise<void> {
    await this.nats.publisher.publish(this.subjects.metrics, body);
  }

  /** Resolves once it has heard everything that was sent to it so far. */
  async heardAll({ services }: GatewayHouse): Promise<void> {
    const word = `last word ${randomUUID()}`;
    this.lastWord = word;
    services.send(this.subjects.task, new TextEncoder().encode(word));
    await eventually(() => expect(this.lastWord).toBeUndefined());
  }

  async stop(): Promise<void> {
    this.leaving.abort();
    if (this.nats.connected) return this.nats.drain();
    // What was shut out has nothing to drain, and would knock for ever.
    await this.nats.replies.close();
    await this.nats.connection.close();
  }

  private say(subject: string, body: unknown): void {
    this.nats.send(subject, bytes(body));
  }

  private replyTo(taskId: string, isKnown: boolean): HandOverReply {
    if (this.answering !== undefined) return { taskId, status: this.answering };
    if (this.rejecting !== undefined) return { taskId, status: 'rejected', reason: this.rejecting };
    return { taskId, status: isKnown ? 'duplicate' : 'accepted' };
  }

  private async takeTasks(): Promise<void> {
    for await (const message of this.nats.subscribe(this.subjects.task, { signal: this.leaving.signal })) {
      const text = new TextDecoder().decode(message.data);
      if (text === this.lastWord) {
        this.lastWord = undefined;
        continue;
      }
      const parsed = downTaskSchema.safeParse(jsonOf(text));
      if (!parsed.success) {
        this.refused.push(text);
        continue;
      }
      const task = parsed.data;
      const isKnown = this.received.some(({ taskId }) => taskId === task.taskId);
      this.received.push(task);
      const reply = this.replyTo(task.taskId, isKnown);
      if (this.accepting) this.say(message.reply!, reply);
    }
  }
}

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
