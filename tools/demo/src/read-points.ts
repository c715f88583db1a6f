import { MetricsReader } from '#lib/otlp';

/** Calls back once per data point with the identity of its series and its time in ms. */
export type PointReader = (body: Uint8Array, onPoint: (series: string, timeMs: number) => void) => void;

/** Reads OTLP metric requests. The reader is not re-entrant, as it is not in the agent. */
export function createPointReader(): PointReader {
  const reader = new MetricsReader();
  const nothing = (): void => undefined;
  return (body, onPoint) => {
    reader.read(body, {
      resource: nothing,
      metric: nothing,
      point: ({ lo, hi, timeMs }) => onPoint(`${hi}.${lo}`, timeMs),
    });
  };
}
