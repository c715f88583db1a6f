import type { LineOf } from '../history/lines.js';
import { grouped, type History } from './history.js';
import { found, type Check } from './violation.js';

type PresenceEvent = LineOf<'presence-event'>;

/** What a host was held for before; `nothing` at its first event. */
const BEFORE: Readonly<Record<PresenceEvent['phase'], readonly string[]>> = {
  online: ['nothing', 'suspect', 'offline'],
  suspect: ['online'],
  offline: ['online', 'suspect'],
};

/** Every host that is up at the end is online: by the log, and for those who look at it. */
export const onlineInTheEnd: Check = (history) =>
  history.all('up').flatMap((up) => {
    const events = eventsByHost(history);
    return up.hosts.flatMap((host) => {
      // What comes later is of hosts that were ended.
      const last = events.get(host)?.findLast(({ at }) => at <= up.at);
      const row = history.all('view-row').find((line) => line.host === host);
      if (last?.phase === 'online' && row?.status === 'online') return [];
      const said = `${last?.phase ?? 'nothing'} by the log and ${row?.status ?? 'nothing'} in the read model`;
      return [found(`${host} is up, and ${said}`, up, last, row)];
    });
  });

/** Only what changes is an event, and what fell silent comes online before it can fall silent again. */
export const onlyTransitions: Check = (history) =>
  [...eventsByHost(history).values()].flatMap((events) =>
    events.flatMap((event, i) => {
      const before = events[i - 1];
      if (isTransition(before, event)) return [];
      const what = `${event.host} is ${event.phase} after it was ${before?.phase ?? 'never heard of'}`;
      return [found(what, before, event)];
    }),
  );

/** Another run of the agent is news of a host that stays online. */
function isTransition(before: PresenceEvent | undefined, event: PresenceEvent): boolean {
  if (before?.phase === 'online' && event.phase === 'online') return before.session !== event.session;
  return BEFORE[event.phase].includes(before?.phase ?? 'nothing');
}

/** Whoever is cut off for so long is offline before it is back, and its connection is not held for good. */
export const longCutsNoticed: Check = (history) =>
  history.all('long-stall').flatMap((stall) => {
    const isWithin = ({ at, host }: { readonly at: string; readonly host: string }): boolean =>
      host === stall.host && at >= stall.at && at <= endOf(history, stall);
    const missing = [
      ...(history.all('presence-event').some((line) => line.phase === 'offline' && isWithin(line))
        ? []
        : ['never offline']),
      ...(stall.isPinged && !history.all('ping-timeout').some(isWithin) ? ['on an open connection'] : []),
    ];
    return missing.map((what) => found(`${stall.host} was cut off, and ${what}`, stall));
  });

function endOf(history: History, { at, host }: LineOf<'long-stall'>): string {
  return history.all('long-stall-over').find((line) => line.host === host && line.at >= at)?.at ?? '';
}

function eventsByHost(history: History) {
  return grouped(history.all('presence-event'), ({ host }) => host);
}
