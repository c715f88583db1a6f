/** Points that a collector lost since it started, by its own count. */
export type Losses = { readonly refused: number; readonly failed: number };

/** Points at one receiver or exporter since the collector started, or copies on the way from the ingress to it. */
export type Door = { readonly passed: number; readonly lost: number };

/** What a collector tells of itself. */
export type SelfTelemetry = { readonly losses: Losses; readonly doors: ReadonlyMap<string, Door> };

const REFUSED = /^otelcol_receiver_refused_metric_points(?:_total)?\{/;
const FAILED = /^otelcol_exporter_(?:send_failed|enqueue_failed)_metric_points(?:_total)?\{/;
const PASSED = /^otelcol_(?:receiver_accepted|exporter_sent)_metric_points(?:_total)?\{/;
const NAME = /(?:receiver|exporter)="([^"]*)"/;
/** A lost ranking is no lost data. */
const RANKING = 'exporter="otlphttp/ranking"';

/** Reads the Prometheus text of a collector (0.149 writes a counter only after its first event: absent is zero). */
export function parseSelfTelemetry(text: string): SelfTelemetry {
  const losses = { refused: 0, failed: 0 };
  const doors = new Map<string, Door>();
  for (const line of text.split('\n')) {
    const kind = kindOf(line);
    if (kind === undefined) continue;
    const value = Number(line.slice(line.lastIndexOf(' ') + 1));
    if (kind !== 'passed') losses[kind] += value;
    const name = NAME.exec(line)?.[1] ?? '';
    const { lost, passed } = doors.get(name) ?? { lost: 0, passed: 0 };
    doors.set(name, kind === 'passed' ? { passed: passed + value, lost } : { passed, lost: lost + value });
  }
  return { losses, doors };
}

function kindOf(line: string): 'refused' | 'failed' | 'passed' | undefined {
  if (line.includes(RANKING)) return undefined;
  if (REFUSED.test(line)) return 'refused';
  if (FAILED.test(line)) return 'failed';
  return PASSED.test(line) ? 'passed' : undefined;
}

const ANSWER_BUDGET_MS = 1_000;

/** Asks a collector; undefined when it does not answer. */
export async function readSelfTelemetry(port: number): Promise<SelfTelemetry | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_BUDGET_MS);
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal });
    return parseSelfTelemetry(await response.text());
  } catch {
    return undefined;
  }
}
