import { found, type Check } from './violation.js';

/** P12: a wiped disk goes on under a new epoch, and only a wiped disk does. */
export const epochsApart: Check = (history) => {
  const hosts = new Set(history.outboxes.map(({ host }) => host));
  return [...hosts].flatMap((host) => {
    const epochs = history.outboxes.filter((outbox) => outbox.host === host).length;
    const wipes = history.all('wiped').filter((line) => line.host === host);
    if (epochs === wipes.length + 1) return [];
    const boots = history.all('boot').filter((line) => line.host === host);
    return [
      found(`${host}: ${epochs} epochs, and its disk was wiped ${wipes.length} times`, ...wipes, ...boots),
    ];
  });
};
