import { h } from './dom.js';
import { countText, plainPhase, whenText } from './format.js';

const tones = {
  promote: 'good',
  promoted: 'good',
  concluded: 'good',
  failed: 'bad',
  rolled_back: 'bad',
  rolling_back: 'bad',
  draft: 'rest',
  stopped: 'rest',
  archived: 'rest',
  paused: 'wait',
  deploying: 'wait',
  warming: 'wait',
};

export const phaseChip = (phase) =>
  h('span', { class: 'chip', 'data-tone': tones[phase] }, plainPhase(phase));

/** More than these are folded away. */
const SHOWN = 6;

/** The list of experiments, newest first; null while they are not known yet. */
export function experimentCards(experiments, chosen) {
  if (experiments === null) return [h('p', { class: 'soft' }, 'Loading experiments.')];
  if (experiments.size === 0) return [nothing()];
  const newest = [...experiments.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const older = newest.slice(SHOWN);
  return [
    list(newest.slice(0, SHOWN), chosen),
    older.length > 0 &&
      h(
        'details',
        { id: 'older' },
        h(
          'summary',
          { id: 'older-summary' },
          `${countText(older.length, 'older experiment', 'older experiments')}`,
        ),
        list(older, chosen),
      ),
  ];
}

const list = (experiments, chosen) =>
  h(
    'ul',
    { class: 'cards' },
    ...experiments.map((experiment) => h('li', {}, card(experiment, experiment.id === chosen))),
  );

function card({ id, name, phase, baseline, candidate, hosts, updatedAt }, current) {
  return h(
    'a',
    {
      class: 'card',
      id: `card-${id}`,
      href: `#/experiments/${encodeURIComponent(id)}`,
      'aria-current': current && 'true',
    },
    h('strong', {}, name),
    phaseChip(phase),
    h('p', { class: 'soft' }, `${candidate} against ${baseline}, ${hostsText(phase, hosts)}`),
    h('small', {}, `changed ${whenText(updatedAt)}`),
  );
}

/** Hosts are chosen at the start, so none before it says nothing about the fleet. */
const hostsText = (phase, hosts) =>
  phase === 'draft' && hosts === 0 ? 'hosts are chosen at the start' : countText(hosts, 'host', 'hosts');

function nothing() {
  return h(
    'div',
    { class: 'empty' },
    'There is no experiment yet. Create one:',
    h('code', {}, 'npx phoenix experiment create --name "First try" --candidate topk --host <host>'),
  );
}
