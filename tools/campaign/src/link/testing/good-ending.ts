import type { HistoryLine, LineOf } from '../history/lines.js';

/** Seconds of the history as a time. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

/** A gateway leaves in calm. A fault was shortly before: only because all was at rest can it be told what was left. */
export const calmEnd: readonly HistoryLine[] = [
  { type: 'fault', at: at(88), kind: 'stall', target: 'h2' },
  { type: 'calm', at: at(95) },
  { type: 'gateway-left', at: at(100), code: 0, signal: null, ms: 300, events: [], rows: [] },
];

function fallen(host: string, seconds: number, phase: 'suspect' | 'offline'): LineOf<'presence-event'> {
  return { type: 'presence-event', at: at(seconds), host, phase };
}

function online(host: string, seconds: number, boot: string): LineOf<'presence-event'> {
  return { type: 'presence-event', at: at(seconds), host, phase: 'online', session: `${boot} 0.1.0` };
}

/** `h1` is cut off for long, and `h2` is started anew; what comes after `up` is of hosts that were ended. */
export const presence: readonly HistoryLine[] = [
  ...[online('h1', 0.5, 'b1'), online('h2', 10.5, 'b2'), online('h2', 20.5, 'b3')],
  { type: 'long-stall', at: at(22), host: 'h1', isPinged: true },
  { type: 'ping-timeout', at: at(33), host: 'h1', side: 'leaf' },
  ...[fallen('h1', 40, 'suspect'), fallen('h1', 60, 'offline')],
  { type: 'long-stall-over', at: at(61), host: 'h1' },
  online('h1', 62, 'b1'),
  { type: 'up', at: at(150), hosts: ['h1', 'h2'] },
  { type: 'view-row', host: 'h1', status: 'online' },
  { type: 'view-row', host: 'h2', status: 'online' },
  fallen('h2', 170, 'suspect'),
  {
    ...{ type: 'process-ended', at: at(5), process: 'host h1', code: null, signal: 'SIGKILL' },
    ...{ isArranged: true, logTail: [] },
  },
];
