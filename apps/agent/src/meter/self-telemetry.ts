/** Points that a collector lost since it started, by its own count. */
export type Losses = { readonly refused: number; readonly failed: number };

const REFUSED = /^otelcol_receiver_refused_metric_points(?:_total)?\{/;
const FAILED = /^otelcol_exporter_(?:send_failed|enqueue_failed)_metric_points(?:_total)?\{/;
/** A lost ranking is no lost data. */
const RANKING = 'exporter="otlphttp/ranking"';

/** Reads the Prometheus text of a collector (0.149 writes a counter only after its first event: absent is zero). */
export function parseLosses(text: string): Losses {
  let refused = 0;
  let failed = 0;
  for (const line of text.split('\n')) {
    const value = Number(line.slice(line.lastIndexOf(' ') + 1));
    if (REFUSED.test(line)) refused += value;
    else if (FAILED.test(line) && !line.includes(RANKING)) failed += value;
  }
  return { refused, failed };
}

const ANSWER_BUDGET_MS = 1_000;

/** Asks a collector; undefined when it does not answer. */
export async function readLosses(port: number): Promise<Losses | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_BUDGET_MS);
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal });
    return parseLosses(await response.text());
  } catch {
    return undefined;
  }
}
