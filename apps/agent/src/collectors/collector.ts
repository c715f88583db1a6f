import type { CollectorLimits, CollectorOrder } from '#lib/agent-protocol';
import type { RenderedPipeline, TopKSelection } from '#lib/pipelines';
import type { Admission } from '../meter/metering.js';

export type Variant = CollectorOrder['variant'];

/** What is to run. Two are the same collector when `specKey` is. */
export type CollectorSpec = {
  readonly variant: Variant;
  readonly role: CollectorOrder['role'];
  readonly configHash: string;
  readonly rendered: RenderedPipeline;
  /** Where the order names some; the defaults hold else. */
  readonly limits?: CollectorLimits | undefined;
  /** The set that a controlled pipeline keeps at this moment. */
  readonly selection?: TopKSelection;
  /** When that set was changed in the last hour, epoch milliseconds; no part of what makes two collectors alike. */
  readonly selectionChanges?: readonly number[];
  /** Runs for a preflight: under guard whatever its variant, and never longer than its agent. */
  readonly isTrial?: true;
};

/** What the control plane asked for; the selection is the agent's own. */
export function orderKey({ variant, role, configHash, limits }: Omit<CollectorSpec, 'rendered'>): string {
  return [variant, role, configHash, ...(limits === undefined ? [] : [JSON.stringify(limits)])].join(' ');
}

/** Under guard is what is tried here, and what a promotion left; never what fed the backend before. */
export function isGuarded({ isTrial, variant }: Pick<CollectorSpec, 'variant' | 'isTrial'>): boolean {
  return variant === 'candidate' || isTrial === true;
}

/** Equal for collectors that behave alike, whatever their ports. */
export function specKey(spec: CollectorSpec): string {
  return `${orderKey(spec)} ${JSON.stringify(spec.selection?.members ?? null)}`;
}

/** A collector that runs: a process that we started, one that we adopted, or the built-in one. */
export interface Collector {
  readonly instance: string;
  readonly spec: CollectorSpec;
  /** Its process; the agent's own for the built-in collector. */
  readonly pid: number;
  /** Started by an earlier agent, so what it did before now is not ours to count. */
  readonly isAdopted: boolean;
  /** Port of its own telemetry; undefined where it has none. */
  readonly telemetryPort: number | undefined;
  /** Port of its receiver for pushed data, known to the agent alone; undefined where it fetches its data. */
  readonly receiverPort?: number | undefined;
  /** How the meter knows it. */
  readonly admission: Admission;
  /** Resolves with the reason when it has ended, however. */
  readonly exited: Promise<string>;
  /** Lets it send what it holds, for so long, then ends it; resolves when it is gone. */
  stop(budgetMs?: number): Promise<void>;
  /** The end of its log. */
  logTail(lines: number): Promise<readonly string[]>;
  /** Keeps its log within bounds; called each second. */
  readonly tidy: () => Promise<void>;
}

/** Makes collectors. */
export interface CollectorEngine {
  readonly kind: 'otelcol' | 'builtin';
  readonly version: string;
  /** Why this cannot run, in the collector's own words; undefined when it can. */
  validate(spec: CollectorSpec): Promise<string | undefined>;
  /** Starts one and admits it to the meter. @throws CollectorError */
  start(spec: CollectorSpec): Promise<Collector>;
  /** Takes over what an earlier agent left running and still matches; ends the rest. */
  survivors(wanted: readonly CollectorSpec[]): Promise<readonly Collector[]>;
}

export type CollectorErrorCode =
  | 'collector-missing' // no such program
  | 'collector-exited' // it ended before its first export
  | 'no-first-export' // it runs, and sends nothing
  | 'guardrail' // it broke a limit before its first export
  | 'no-disk';

/** Why a collector did not come to work; `detail` carries its own message. */
export class CollectorError extends Error {
  override readonly name = 'CollectorError';

  constructor(
    readonly code: CollectorErrorCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
