import { h } from './dom.js';
import { countText, plainPhase, timeText } from './format.js';

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

/** The list of experiments, newest first. */
export function experimentCards(experiments, chosen) {
  if (experiments.size === 0) return [nothing()];
  return [...experiments.values()]
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .map((experiment) => h('li', {}, card(experiment, experiment.id === chosen)));
}

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
    h('p', { class: 'soft' }, `${candidate} against ${baseline}, ${countText(hosts, 'host', 'hosts')}`),
    h('small', {}, `changed ${timeText(updatedAt)}`),
  );
}

function nothing() {
  return h(
    'li',
    { class: 'empty' },
    'There is no experiment yet. Create one:',
    h('code', {}, 'npx phoenix experiment create --name "First try" --candidate topk --host <host>'),
  );
}
