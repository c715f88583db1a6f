import { found, type Check } from './violation.js';

/** Every host ends with what it is last to run, and runs just that. */
export const finalGeneration: Check = (history) =>
  history.all('want').flatMap((want) => {
    const accepted = history
      .all('handed')
      .findLast(
        ({ host, kind, status }) => host === want.host && kind === 'ApplyCollectors' && status === 'accepted',
      );
    const rows = history
      .all('attempt-row')
      .filter(({ generation, host }) => host === want.host && generation === want.generation);
    const effective = rows.find(
      ({ configs, stage }) => stage === 'effective' && configs.join() === want.configs.join(),
    );
    if (accepted?.generation === want.generation && effective !== undefined) return [];
    return [found(`${want.host} does not run generation ${want.generation}`, want, accepted, ...rows)];
  });

/** Within one disk a host accepts only ever higher generations. */
export const generationsGrow: Check = (history) =>
  history.outboxes.flatMap((outbox) => {
    const accepted = history
      .of('handed', outbox)
      .filter(({ kind, status }) => kind === 'ApplyCollectors' && status === 'accepted');
    return accepted.flatMap((line, index) => {
      const before = accepted[index - 1];
      if (before === undefined || (line.generation ?? 0) > (before.generation ?? 0)) return [];
      return [
        found(`${outbox.host} accepted generation ${line.generation ?? 0} after a higher one`, before, line),
      ];
    });
  });
