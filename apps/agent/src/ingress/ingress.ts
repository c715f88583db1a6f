import { reasonOf, type Clock, type Log } from '#lib/agent-core';
import type { IngressPort } from '#lib/agent-protocol';
import type { PipelineIngress } from '#lib/pipelines';
import type { Collector } from '../collectors/collector.js';
import type { Door } from '../meter/self-telemetry.js';
import { openIngressDoor, type IngressDoor } from './door.js';
import { openGrpcDoor } from './grpc-door.js';
import type { Send } from './pushed.js';
import { receiverAnswers } from './receiver-answers.js';
import { Room } from './room.js';
import { routeOf, type Route } from './route.js';
import { sender } from './send.js';
import { Tee } from './tee.js';

export type IngressOptions = { readonly clock: Clock; readonly log: Log };

/** A port and what came in on it since the agent started. */
export type IngressStatus = IngressPort;

/** What the fleet tells of its collectors. */
export type IngressRoutes = Pick<Ingress, 'join' | 'leave' | 'answers' | 'copiesFor'>;
/** What an order wants of the ports. */
export type IngressPorts = Pick<Ingress, 'open' | 'keep'>;

/** One request may be as large as the limit; more of that size wait for their turn at the client. */
const ROOM = { bytes: 24 * 1024 * 1024, requests: 64 };
/** For each shadow. A request above this is never copied, and counted as dropped. */
const SHADOW_BOUNDS = { requests: 256, bytes: 8 * 1024 * 1024 };
const LIVE_BUDGET_MS = 30_000;
const SHADOW_BUDGET_MS = 5_000;
/** What a collector gets to answer what it was given, before it is stopped. */
const LEAVE_BUDGET_MS = 10_000;
const TRY_AGAIN_MS = 1_000;
const TELL_EVERY_MS = 10_000;

/** A port that is to be open, and the port by which the tee knows the pipeline behind it: for HTTP the same. */
type Way = { readonly port: number; readonly pipeline: number };

function waysTo({ grpcPort, port }: PipelineIngress): readonly Way[] {
  const ports = grpcPort === undefined ? [port] : [port, grpcPort];
  return ports.map((one) => ({ port: one, pipeline: port }));
}

function isSame(one: Way, other: Way): boolean {
  return one.port === other.port && one.pipeline === other.pipeline;
}

/** The ports on which applications push, and the ways from there to the collectors. */
export class Ingress {
  private readonly doors = new Map<number, Way & IngressDoor>();
  private wanted: readonly Way[] = [];
  /** Opening and closing, one after the other. */
  private work: Promise<unknown> = Promise.resolve();
  /** By the port for HTTP, the one for gRPC. */
  private readonly known = new Map<number, number | undefined>();
  private readonly tried = new Set<number>();
  private readonly live = sender(LIVE_BUDGET_MS);
  private readonly shadow = sender(SHADOW_BUDGET_MS);
  private readonly room = new Room(ROOM.bytes, ROOM.requests);
  private readonly tee: Tee;
  private readonly untold = new Map<string, number>();
  private toldAt = 0;

  constructor(private readonly options: IngressOptions) {
    this.tee = new Tee({
      sendLive: this.live.send,
      sendShadow: this.shadow.send,
      bounds: SHADOW_BOUNDS,
      onDrop: (route, reason) => this.tellDrop(route, reason),
    });
  }

  /** Listens on the ports of a pipeline. @returns in a sentence why that cannot be; undefined when they are open */
  open(ingress: PipelineIngress): Promise<string | undefined> {
    return this.next(async () => {
      for (const way of waysTo(ingress)) {
        const complaint = await this.opened(way);
        if (complaint !== undefined) return complaint;
      }
      return undefined;
    });
  }

  /** Wants these ports and no others. What cannot be opened yet is tried again until it is no longer wanted. */
  async keep(ingresses: readonly PipelineIngress[]): Promise<void> {
    this.wanted = ingresses.flatMap(waysTo);
    for (const { grpcPort, port } of ingresses) this.known.set(port, grpcPort);
    await this.next(async () => {
      for (const door of this.doors.values()) if (!this.isWanted(door)) this.shut(door);
      for (const way of this.wanted) {
        const complaint = await this.opened(way);
        if (complaint !== undefined) this.tryAgain(way, complaint);
      }
    });
  }

  /** A collector works: from now on it has its part of the data. `onMiss` hears of what a shadow did not get. */
  join(collector: Pick<Collector, 'instance' | 'receiverPort' | 'spec'>, onMiss: () => void): void {
    const route = routeOf(collector);
    if (route !== undefined) this.tee.join(route, onMiss);
  }

  /** Copies that a shadow got and did not get; undefined for any other collector. */
  copiesFor(instance: string): Door | undefined {
    return this.tee.copiesFor(instance);
  }

  /** Gives a collector nothing more; resolves when it has answered what it was given, or when the budget is over. */
  async leave({ instance }: Pick<Collector, 'instance'>, budgetMs = LEAVE_BUDGET_MS): Promise<void> {
    await this.tee.leave(instance, AbortSignal.timeout(Math.min(budgetMs, LEAVE_BUDGET_MS)));
  }

  /** Resolves when a receiver takes data. @throws the signal's reason */
  answers(receiverPort: number, signal: AbortSignal): Promise<void> {
    const send: Send = this.shadow.send;
    return receiverAnswers({ clock: this.options.clock, send }, receiverPort, signal);
  }

  status(): readonly IngressStatus[] {
    return [...this.known].map(([port, grpcPort]) => ({
      port,
      isWanted: this.wanted.some(({ pipeline }) => pipeline === port),
      isOpen: this.doors.has(port),
      ...(grpcPort !== undefined && { grpc: { port: grpcPort, isOpen: this.doors.has(grpcPort) } }),
      ...this.tee.countsOf(port),
    }));
  }

  async close(): Promise<void> {
    await this.keep([]);
    this.live.close();
    this.shadow.close();
  }

  private async opened(way: Way): Promise<string | undefined> {
    const { pipeline, port } = way;
    const old = this.doors.get(port);
    if (old !== undefined && isSame(old, way)) return undefined;
    if (old !== undefined) this.shut(old);
    const { log } = this.options;
    try {
      const open = port === pipeline ? openIngressDoor : openGrpcDoor;
      const door = await open({ ...way, tee: this.tee, room: this.room, log });
      this.doors.set(port, { ...way, ...door });
      this.known.set(pipeline, port === pipeline ? this.known.get(pipeline) : port);
      log.info(way, 'ingress open');
      return undefined;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      return isTaken
        ? `port ${port} of this host is taken by another program, so applications cannot push there`
        : `the agent cannot listen on port ${port}: ${reasonOf(error)}`;
    }
  }

  /** It listens no more at once; requests under way go on for a while, and nobody waits for them. */
  private shut(door: Way & IngressDoor): void {
    const { log } = this.options;
    this.doors.delete(door.port);
    log.info({ port: door.port }, 'ingress closed');
    door
      .close()
      .catch((error: unknown) =>
        log.warn({ port: door.port, reason: reasonOf(error) }, 'ingress not closed'),
      );
  }

  private tryAgain(way: Way, reason: string): void {
    const { port } = way;
    if (this.tried.has(port)) return;
    this.tried.add(port);
    const { clock, log } = this.options;
    log.warn({ port, reason }, 'ingress not open yet');
    const open = async (): Promise<void> => {
      do await clock.sleep(TRY_AGAIN_MS);
      while (this.isWanted(way) && (await this.next(() => this.opened(way))) !== undefined);
    };
    void open().finally(() => this.tried.delete(port));
  }

  private isWanted(way: Way): boolean {
    return this.wanted.some((wanted) => isSame(wanted, way));
  }

  private next<T>(step: () => Promise<T>): Promise<T> {
    const done = this.work.then(step);
    this.work = done.catch(() => undefined);
    return done;
  }

  /** Drops come by the hundred, so they are told together. */
  private tellDrop({ instance }: Route, reason: string): void {
    const key = `${instance}: ${reason}`;
    this.untold.set(key, (this.untold.get(key) ?? 0) + 1);
    const now = this.options.clock.now();
    if (now - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = now;
    this.options.log.warn({ drops: Object.fromEntries(this.untold) }, 'copies for shadows were dropped');
    this.untold.clear();
  }
}
