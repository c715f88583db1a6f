import { HostMeter, WINDOW_MS, type WindowMessage } from '#lib/metering';
import { scrape, type Shape } from './scrape.js';

const BASELINE: Shape = { processes: 40, metricsEach: 10, pointsEach: 4 };
const CANDIDATE: Shape = { ...BASELINE, processes: 10 };

/** A window of both variants as the meter gives it. */
export function meteredWindow(): WindowMessage {
  const start = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS;
  const meter = new HostMeter('bench');
  for (const variant of ['baseline', 'candidate'] as const) {
    meter.attach({ variant, instance: variant, configHash: 'hash' }, start);
    const body = scrape(variant === 'baseline' ? BASELINE : CANDIDATE, start);
    meter.record(variant, body, body.length, start);
  }
  const message = meter.closeWindow(start + WINDOW_MS, { clockOffsetMs: 0, use: new Map() });
  if (message === null) throw new Error('the window did not close');
  return message;
}

/** The same window of another host, so many windows earlier. */
export function earlier(message: WindowMessage, host: string, windows: number): WindowMessage {
  const by = windows * WINDOW_MS;
  return {
    ...message,
    host,
    start: message.start - by,
    closedAt: message.closedAt - by,
    collectors: message.collectors.map((collector) => ({
      ...collector,
      coveredFrom: collector.coveredFrom - by,
      coveredTo: collector.coveredTo - by,
    })),
  };
}
