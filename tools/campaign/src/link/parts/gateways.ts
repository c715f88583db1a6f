import { join } from 'node:path';
import { startAppProcess, type AppParts, type AppProcess } from '#tools/house';
import { until } from '#tools/house';
import type { Ends } from './ends.js';
import type { Proxy } from './proxy.js';

const READY_MS = 120_000;
/** What a gateway may take to finish what it began. */
export const LEAVE_BUDGET_MS = 40_000;

/** How a gateway that was asked to leave did so. */
export interface Leaving {
  readonly code: number | null;
  readonly signal: string | null;
  readonly ms: number;
}

/** The gateways of a house: one, for a time two, and never the same for long. Hosts find them behind one address. */
export class Gateways {
  private readonly running: AppProcess[] = [];

  constructor(
    private readonly parts: AppParts,
    /** Where hosts find the HTTP door. */
    readonly door: Proxy,
    private readonly ends: Ends,
  ) {}

  get count(): number {
    return this.running.length;
  }

  get url(): string {
    return `http://${this.door.door}`;
  }

  /** Starts one more, and resolves when it is ready. @throws Error when it does not become ready */
  async add(): Promise<void> {
    const gateway = await startAppProcess('agent-gateway', this.parts);
    this.running.push(gateway);
    const logFile = join(this.parts.dir, 'agent-gateway.log');
    this.ends.watch({ process: 'agent-gateway', exited: gateway.exited, logFile });
    await until(READY_MS, 'the gateway is ready', () => isReady(gateway));
    this.door.leadTo(gateway.port);
  }

  /** Kills the oldest with SIGKILL. */
  async kill(): Promise<void> {
    const gateway = this.oldest();
    await gateway?.kill();
    this.leadToNewest();
  }

  /** Asks the oldest to leave with SIGTERM. */
  async leave(): Promise<Leaving> {
    const gateway = this.oldest();
    const began = performance.now();
    const exit = await gateway?.stop(LEAVE_BUDGET_MS);
    this.leadToNewest();
    return { code: exit?.code ?? null, signal: exit?.signal ?? null, ms: performance.now() - began };
  }

  async close(): Promise<void> {
    await Promise.all(this.running.splice(0).map((gateway) => gateway.stop()));
  }

  /** The one that is to end. */
  private oldest(): AppProcess | undefined {
    const gateway = this.running.shift();
    this.ends.expect(gateway?.exited);
    return gateway;
  }

  private leadToNewest(): void {
    const newest = this.running.at(-1);
    if (newest !== undefined) this.door.leadTo(newest.port);
  }
}

async function isReady({ url }: AppProcess): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
